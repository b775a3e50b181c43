#include "tests/support/sample_visitor.hpp"

#include "core/base/text.hpp"
#include "tests/support/store_helpers.hpp"

#include <array>

namespace factum::test {
namespace {

constexpr std::uint64_t kListMax = 3;
constexpr std::uint64_t kTextMax = 40;

// Characters that JSON, UTF-8 and UTF-16 treat differently.
constexpr auto kCharacters = std::to_array<std::string_view>(
    {"a", "Z", "0", " ", "\"", "\\", "/", "\n", "\t", "\x01", "\x7f", "ä", "ß", "中", "文",
     "\xe2\x80\xa8", "\xef\xbf\xbd", "\xef\xac\xb3", "\xf0\x9f\x98\x80"});

}  // namespace

FieldVisitor::Visit SampleVisitor::begin_field(const Field& field, bool optional,
                                               bool /*present*/) {
  field_ = field.name;
  const bool leave_out = optional && (samples_ == Samples::sparse || (is_random() && pick(3) == 0));
  return leave_out ? Visit::absent : Visit::present;
}

FieldVisitor::Visit SampleVisitor::begin_sealed(const Field& field, SealState& state,
                                                const Uuid& subject) {
  field_ = field.name;
  const bool leave_out =
      subject.is_nil() || samples_ == Samples::sparse || (is_random() && pick(3) == 0);
  if (leave_out) state = SealState::absent;
  return leave_out ? Visit::absent : Visit::present;
}

void SampleVisitor::text(std::string& value, const Limits& limits) {
  if (limits.decimal && samples_ != Samples::full) {
    value = is_random() ? "-" + std::to_string(pick(1'000'000)) + ".05" : "12.50";
    return;
  }
  if (is_random()) {
    value = random_text(limits);
    return;
  }
  value = std::string(field_) + " \"ä中\"";
  if (value.size() > limits.max) value = std::string(field_).substr(0, limits.max);
}

std::string SampleVisitor::random_text(const Limits& limits) {
  std::string text;
  const std::uint64_t wanted = pick(kTextMax);
  while (text.size() < wanted || text.size() < limits.min) {
    const std::string_view next = kCharacters.at(pick(kCharacters.size()));
    if (text.size() + next.size() > limits.max) break;
    text += next;
  }
  // What is read from outside is kept without invisible ends.
  text = trimmed(text);
  return text.size() < limits.min ? std::string(limits.min, 'x') : text;
}

void SampleVisitor::integer(std::int64_t& value, const Limits& limits) {
  constexpr std::int64_t kSample = 7;
  value = is_random() ? random_integer(limits) : std::clamp(kSample, limits.least, limits.most);
}

std::int64_t SampleVisitor::random_integer(const Limits& limits) {
  constexpr std::int64_t kExact = std::int64_t{1} << 53;
  const std::array<std::int64_t, 9> edges = {limits.least,
                                             limits.most,
                                             0,
                                             1,
                                             -1,
                                             kExact,
                                             kExact - 1,
                                             -kExact,
                                             static_cast<std::int64_t>(random_())};
  return std::clamp(edges.at(pick(edges.size())), limits.least, limits.most);
}

void SampleVisitor::number(double& value) { value = 0.5; }

void SampleVisitor::boolean(bool& value) { value = !is_random() || pick(2) == 1; }

void SampleVisitor::uuid(Uuid& value, std::string_view /*kind*/) {
  value = test_id(is_random() ? 1 + pick(ids_max_) : ++ids_);
}

void SampleVisitor::timestamp(Timestamp& value) {
  constexpr std::int64_t kSample = 1'700'000'000'123'456;
  constexpr std::uint64_t kRange = 4'000'000'000'000'000;
  value = Timestamp(is_random() ? static_cast<std::int64_t>(pick(kRange)) : kSample);
}

void SampleVisitor::date(Date& value) {
  constexpr std::int32_t kSample = 19'675;
  value = Date(is_random() ? static_cast<std::int32_t>(pick(40'000)) : kSample);
}

void SampleVisitor::money(Money& value) {
  constexpr auto kCurrencies = std::to_array<std::string_view>({"EUR", "JPY", "KWD", "CNY"});
  constexpr std::int64_t kSample = 123'450;
  value.minor = is_random() ? random_integer(between(-kMoneyMinorMax, kMoneyMinorMax)) : kSample;
  value.currency = kCurrencies.at(is_random() ? pick(kCurrencies.size()) : 0);
}

void SampleVisitor::wide_integer(Int128& value) {
  constexpr Int128 kSample = 123'450;
  value = is_random() ? Int128{random_integer({})} * random_integer({}) : kSample;
}

void SampleVisitor::symbol(std::size_t& index, std::span<const std::string_view> names) {
  index = is_random() ? pick(names.size()) : names.size() - 1;
}

void SampleVisitor::sealed_ref(SealedRef& value) {
  SlotCopy slot;
  slot.event_id = test_id(is_random() ? 1 + pick(3) : ++ids_);
  slot.type = "Sample";
  slot.header.name = "customer.personal";
  slot.header.key_id = slot.event_id;
  slot.ciphertext = "sealed";
  value.slot = std::make_shared<SlotCopy>(std::move(slot));
  value.field = field_;
  value.state = SealState::closed;
}

std::size_t SampleVisitor::begin_list(std::size_t /*size*/, const Limits& /*limits*/) {
  return is_random() ? pick(kListMax + 1) : 2;
}

void SampleVisitor::next_element(std::size_t /*index*/) {}

std::vector<std::string> SampleVisitor::begin_map(std::vector<std::string> /*keys*/,
                                                  const Limits& /*limits*/) {
  if (!is_random()) return {"one", "two"};
  std::vector<std::string> keys;
  for (std::uint64_t count = pick(kListMax + 1); count > 0; --count) {
    const std::string text = random_text(at_most(20));
    const std::string key = is_blank(text) ? "k" + text : text;
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
  }
  return keys;
}

void SampleVisitor::next_key(const std::string& /*key*/) {}

EventBox sample_event(const EventType& type, Samples samples, std::uint64_t seed) {
  SampleVisitor visitor(samples, seed);
  return type.read(type.schema, [&](const EventType::Describe& describe) { describe(visitor); });
}

}  // namespace factum::test
