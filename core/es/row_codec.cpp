#include "core/es/row_codec.hpp"

#include <cstring>

namespace factum {
namespace {

std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

class RowWriter : public FieldVisitor {
 public:
  std::string take() { return std::move(out_); }

  Visit begin_field(const Field& /*field*/, bool optional, bool present) override {
    if (optional) out_.push_back(present ? '\1' : '\0');
    return present ? Visit::present : Visit::skip;
  }
  Visit begin_sealed(const Field& /*field*/, SealState& /*state*/,
                     const Uuid& /*subject*/) override {
    FACTUM_ASSERT(false && "rows hold sealed references, never sealed values");
    return Visit::skip;
  }
  void end_field() override {}
  void text(std::string& value, const Limits& /*limits*/) override { bytes(value); }
  void integer(std::int64_t& value, const Limits& /*limits*/) override { varint(zigzag(value)); }
  void wide_integer(Int128& value) override {
    varint((static_cast<UInt128>(value) << 1) ^ static_cast<UInt128>(value >> 127));
  }
  void number(double& /*value*/) override { FACTUM_ASSERT(false && "rows have no floating point"); }
  void boolean(bool& value) override { out_.push_back(value ? '\1' : '\0'); }
  void uuid(Uuid& value, std::string_view /*kind*/) override { out_.append(value.view()); }
  void timestamp(Timestamp& value) override { varint(zigzag(value.value())); }
  void date(Date& value) override { varint(zigzag(value.value())); }
  void money(Money& value) override {
    varint(zigzag(value.minor));
    bytes(value.currency);
  }
  void symbol(std::size_t& index, std::span<const std::string_view> /*names*/) override {
    varint(index);
  }
  void sealed_ref(SealedRef& value) override {
    const std::size_t known = slot_number(*value.slot);
    varint(known);
    if (known == 0) slot(*value.slot);
    bytes(value.field);
  }
  void begin_object() override {}
  void end_object() override {}
  std::size_t begin_list(std::size_t size, const Limits& /*limits*/) override {
    varint(size);
    return size;
  }
  void next_element(std::size_t /*index*/) override {}
  void end_list() override {}
  std::vector<std::string> begin_map(std::vector<std::string> keys,
                                     const Limits& /*limits*/) override {
    varint(keys.size());
    for (const std::string& key : keys) bytes(key);
    return keys;
  }
  void next_key(const std::string& /*key*/) override {}
  void end_map() override {}

 private:
  template <class Unsigned>
  void varint(Unsigned value) {
    for (; value >= 0x80; value >>= 7) out_.push_back(static_cast<char>(value | 0x80));
    out_.push_back(static_cast<char>(value));
  }
  void bytes(std::string_view text) {
    varint(text.size());
    out_.append(text);
  }
  // 0 = not written yet, else its number from 1.
  std::size_t slot_number(const SlotCopy& slot) {
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      if (slots_[i]->event_id == slot.event_id && slots_[i]->header.name == slot.header.name)
        return i + 1;
    }
    slots_.push_back(&slot);
    return 0;
  }
  void slot(const SlotCopy& slot) {
    out_.append(slot.event_id.view());
    bytes(slot.type);
    varint(slot.schema);
    bytes(slot.header.name);
    out_.append(slot.header.key_id.view());
    varint(slot.header.generation);
    out_.append(reinterpret_cast<const char*>(slot.header.ciphertext_hash.data()),
                slot.header.ciphertext_hash.size());
    varint(slot.header.padded_bytes);
    bytes(slot.ciphertext);
  }

  std::string out_;
  std::vector<const SlotCopy*> slots_;
};

class RowReader : public FieldVisitor {
 public:
  explicit RowReader(std::string_view bytes) : rest_(bytes) {}

  Status finish() const {
    if (broken_ || !rest_.empty())
      return fail(ErrorCode::corrupt, "a row of a view does not decode");
    return {};
  }

  Visit begin_field(const Field& /*field*/, bool optional, bool /*present*/) override {
    if (optional) return byte() == 1 ? Visit::present : Visit::absent;
    return Visit::present;
  }
  Visit begin_sealed(const Field& /*field*/, SealState& /*state*/,
                     const Uuid& /*subject*/) override {
    return Visit::skip;
  }
  void end_field() override {}
  void text(std::string& value, const Limits& /*limits*/) override { value = bytes(); }
  void integer(std::int64_t& value, const Limits& /*limits*/) override {
    value = unzigzag(varint());
  }
  void wide_integer(Int128& value) override {
    const auto zigzag = varint<UInt128>();
    value = static_cast<Int128>(zigzag >> 1) ^ -static_cast<Int128>(zigzag & 1);
  }
  void number(double& /*value*/) override {}
  void boolean(bool& value) override { value = byte() == 1; }
  void uuid(Uuid& value, std::string_view /*kind*/) override {
    fixed(value.bytes.data(), value.bytes.size());
  }
  void timestamp(Timestamp& value) override { value = Timestamp(unzigzag(varint())); }
  void date(Date& value) override { value = Date(static_cast<std::int32_t>(unzigzag(varint()))); }
  void money(Money& value) override {
    value.minor = unzigzag(varint());
    value.currency = bytes();
  }
  void symbol(std::size_t& index, std::span<const std::string_view> names) override {
    index = varint();
    if (index >= names.size()) {
      index = 0;
      broken_ = true;
    }
  }
  void sealed_ref(SealedRef& value) override {
    const std::size_t number = varint();
    if (number == 0) {
      slots_.push_back(slot());
    } else if (number > slots_.size()) {
      broken_ = true;
      return;
    }
    value.slot = number == 0 ? slots_.back() : slots_[number - 1];
    value.field = bytes();
    value.state = SealState::closed;
  }
  void begin_object() override {}
  void end_object() override {}
  std::size_t begin_list(std::size_t /*size*/, const Limits& /*limits*/) override {
    return count();
  }
  void next_element(std::size_t /*index*/) override {}
  void end_list() override {}
  std::vector<std::string> begin_map(std::vector<std::string> keys,
                                     const Limits& /*limits*/) override {
    keys.resize(count());
    for (std::string& key : keys) key = bytes();
    return keys;
  }
  void next_key(const std::string& /*key*/) override {}
  void end_map() override {}

 private:
  std::uint8_t byte() {
    if (rest_.empty()) {
      broken_ = true;
      return 0;
    }
    const auto value = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  template <class Unsigned = std::uint64_t>
  Unsigned varint() {
    Unsigned value = 0;
    for (unsigned shift = 0; shift < 8 * sizeof(Unsigned); shift += 7) {
      const std::uint8_t next = byte();
      value |= static_cast<Unsigned>(next & 0x7F) << shift;
      if (next < 0x80) return value;
    }
    broken_ = true;
    return 0;
  }
  // Every element takes at least one byte unless it is an empty object, which views do not list.
  std::size_t count() {
    const std::uint64_t number = varint();
    if (number <= rest_.size()) return number;
    broken_ = true;
    return 0;
  }
  std::string bytes() {
    const std::size_t size = count();
    std::string text(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return text;
  }
  void fixed(std::uint8_t* target, std::size_t size) {
    if (rest_.size() < size) {
      broken_ = true;
      return;
    }
    std::memcpy(target, rest_.data(), size);
    rest_.remove_prefix(size);
  }
  std::shared_ptr<const SlotCopy> slot() {
    auto copy = std::make_shared<SlotCopy>();
    fixed(copy->event_id.bytes.data(), copy->event_id.bytes.size());
    copy->type = bytes();
    copy->schema = static_cast<std::uint16_t>(varint());
    copy->header.name = bytes();
    fixed(copy->header.key_id.bytes.data(), copy->header.key_id.bytes.size());
    copy->header.generation = static_cast<std::uint16_t>(varint());
    fixed(copy->header.ciphertext_hash.data(), copy->header.ciphertext_hash.size());
    copy->header.padded_bytes = static_cast<std::uint32_t>(varint());
    copy->ciphertext = bytes();
    return copy;
  }

  std::string_view rest_;
  bool broken_ = false;
  std::vector<std::shared_ptr<const SlotCopy>> slots_;
};

}  // namespace

std::string encode_row_by(const std::function<void(FieldVisitor&)>& visit) {
  RowWriter writer;
  visit(writer);
  return writer.take();
}

Status decode_row_by(std::string_view bytes, const std::function<void(FieldVisitor&)>& visit) {
  RowReader reader(bytes);
  visit(reader);
  return reader.finish();
}

}  // namespace factum
