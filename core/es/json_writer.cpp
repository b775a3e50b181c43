#include "core/es/json_writer.hpp"

#include "core/es/canonical_json.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace factum {
namespace {

constexpr std::int64_t kExactInteger = std::int64_t{1} << 53;
constexpr std::string_view kHex = "0123456789abcdef";

// The two-character escape of `c`, or 0 if it has none.
char short_escape(char c) {
  switch (c) {
    case '"': return '"';
    case '\\': return '\\';
    case '\b': return 'b';
    case '\f': return 'f';
    case '\n': return 'n';
    case '\r': return 'r';
    case '\t': return 't';
    default: return 0;
  }
}

bool needs_escape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

// How many bytes at the front stand for themselves. Compilers test a whole block at once.
std::size_t plain_bytes(std::string_view text) {
  constexpr std::size_t kBlock = 16;
  std::size_t size = 0;
  for (; size + kBlock <= text.size(); size += kBlock) {
    unsigned escapes = 0;
    for (std::size_t i = 0; i < kBlock; ++i) escapes |= needs_escape(text[size + i]) ? 1U : 0U;
    if (escapes != 0) break;
  }
  while (size < text.size() && !needs_escape(text[size])) ++size;
  return size;
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out.push_back('"');
  while (!text.empty()) {
    const std::size_t plain = plain_bytes(text);
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    const char c = text.front();
    if (const char escape = short_escape(c)) {
      out.push_back('\\');
      out.push_back(escape);
    } else {
      out.append("\\u00");
      out.push_back(kHex[static_cast<unsigned char>(c) >> 4]);
      out.push_back(kHex[static_cast<unsigned char>(c) & 0x0F]);
    }
    text.remove_prefix(1);
  }
  out.push_back('"');
}

std::string JsonWriter::take() { return std::exchange(out_, {}); }

void JsonWriter::begin_member(std::string_view name) {
  Frame& frame = frames_[depth_ - 1];
  if (!frame.members.empty()) out_.push_back(',');
  frame.members.push_back({name, out_.size()});
  append_json_string(out_, name);
  out_.push_back(':');
}

FieldVisitor::Visit JsonWriter::begin_field(const Field& field, bool /*optional*/, bool present) {
  if (!present) return Visit::skip;
  begin_member(field.name);
  return Visit::present;
}

FieldVisitor::Visit JsonWriter::begin_sealed(const Field& field, SealState& state,
                                             const Uuid& /*subject*/) {
  switch (state) {
    case SealState::absent:
    case SealState::closed: return Visit::skip;
    case SealState::erased:
      begin_member(field.name);
      raw(R"({"erased":true})");
      return Visit::skip;
    case SealState::open: begin_member(field.name); return Visit::present;
  }
  return Visit::skip;
}

// In canonical style an empty list or map is the same as none, so that adding an optional list
// changes no hash.
void JsonWriter::end_field() {
  if (style_ != JsonStyle::canonical || depth_ == 0) return;
  const std::string_view tail(out_);
  if (!tail.ends_with(":[]") && !tail.ends_with(":{}")) return;
  Frame& frame = frames_[depth_ - 1];
  const bool first = frame.members.size() == 1;
  out_.resize(frame.members.back().begin - (first ? 0 : 1));
  frame.members.pop_back();
}

void JsonWriter::text(std::string& value, const Limits& /*limits*/) {
  append_json_string(out_, value);
}

void JsonWriter::integer(std::int64_t& value, const Limits& /*limits*/) {
  const bool exact = value > -kExactInteger && value < kExactInteger;
  std::array<char, 24> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  if (!exact) out_.push_back('"');
  out_.append(buffer.data(), end);
  if (!exact) out_.push_back('"');
}

void JsonWriter::wide_integer(Int128& value) {
  const bool exact = value > -kExactInteger && value < kExactInteger;
  if (!exact) out_.push_back('"');
  out_.append(to_string(value));
  if (!exact) out_.push_back('"');
}

void JsonWriter::number(double& value) {
  FACTUM_ASSERT(style_ == JsonStyle::answer);
  if (!std::isfinite(value)) return raw("null");
  std::array<char, 40> buffer{};
  out_.append(buffer.data(),
              std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr);
}

void JsonWriter::boolean(bool& value) { raw(value ? "true" : "false"); }

void JsonWriter::uuid(Uuid& value, std::string_view /*kind*/) {
  out_.push_back('"');
  out_.append(value.to_string());
  out_.push_back('"');
}

void JsonWriter::timestamp(Timestamp& value) {
  out_.push_back('"');
  out_.append(to_string(value));
  out_.push_back('"');
}

void JsonWriter::date(Date& value) {
  out_.push_back('"');
  out_.append(to_string(value));
  out_.push_back('"');
}

void JsonWriter::money(Money& value) {
  raw(R"({"currency":)");
  append_json_string(out_, value.currency);
  raw(R"(,"minor":)");
  integer(value.minor, {});
  out_.push_back('}');
}

void JsonWriter::symbol(std::size_t& index, std::span<const std::string_view> names) {
  FACTUM_ASSERT(index < names.size());
  append_json_string(out_, names[index]);
}

void JsonWriter::sealed_ref(SealedRef& value) {
  switch (value.state) {
    case SealState::open: return raw(value.opened);
    case SealState::erased: return raw(R"({"erased":true})");
    case SealState::absent:
    case SealState::closed: return raw("null");
  }
}

void JsonWriter::begin_object() {
  out_.push_back('{');
  if (frames_.size() == depth_) frames_.emplace_back();
  frames_[depth_].begin = out_.size();
  frames_[depth_].members.clear();
  ++depth_;
}

void JsonWriter::end_object() {
  Frame& frame = frames_[--depth_];
  if (style_ == JsonStyle::canonical) sort_members(frame);
  out_.push_back('}');
}

// Field names are ASCII, for which byte order is the UTF-16 order that RFC 8785 §3.2.3 asks for.
void JsonWriter::sort_members(Frame& frame) {
  const auto by_name = [](const Member& a, const Member& b) { return a.name < b.name; };
  if (std::is_sorted(frame.members.begin(), frame.members.end(), by_name)) return;
  const std::string body = out_.substr(frame.begin);
  std::vector<std::pair<Member, std::string_view>> parts;
  parts.reserve(frame.members.size());
  for (std::size_t i = 0; i < frame.members.size(); ++i) {
    const std::size_t from = frame.members[i].begin - frame.begin;
    const std::size_t to =
        i + 1 < frame.members.size() ? frame.members[i + 1].begin - frame.begin - 1 : body.size();
    parts.emplace_back(frame.members[i], std::string_view(body).substr(from, to - from));
  }
  std::sort(parts.begin(), parts.end(),
            [&](const auto& a, const auto& b) { return by_name(a.first, b.first); });
  out_.resize(frame.begin);
  for (const auto& [member, part] : parts) {
    if (out_.size() > frame.begin) out_.push_back(',');
    out_.append(part);
  }
}

std::size_t JsonWriter::begin_list(std::size_t size, const Limits& /*limits*/) {
  out_.push_back('[');
  return size;
}

void JsonWriter::next_element(std::size_t index) {
  if (index > 0) out_.push_back(',');
}

void JsonWriter::end_list() { out_.push_back(']'); }

std::vector<std::string> JsonWriter::begin_map(std::vector<std::string> keys,
                                               const Limits& /*limits*/) {
  out_.push_back('{');
  if (style_ == JsonStyle::canonical) std::sort(keys.begin(), keys.end(), utf16_less);
  return keys;
}

void JsonWriter::next_key(const std::string& key) {
  if (out_.back() != '{') out_.push_back(',');
  append_json_string(out_, key);
  out_.push_back(':');
}

void JsonWriter::end_map() { out_.push_back('}'); }

}  // namespace factum
