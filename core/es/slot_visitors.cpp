#include "core/es/slot_visitors.hpp"

#include "core/base/text.hpp"
#include "core/es/json_reader.hpp"

#include <algorithm>

namespace factum {

std::string slot_name(std::string_view owner, DataClass data_class) {
  return std::string(owner) + "." + std::string(to_string(data_class));
}

Result<DataClass> slot_class(std::string_view slot) {
  const std::string_view name = slot.substr(std::min(slot.rfind('.'), slot.size() - 1) + 1);
  for (DataClass known : {DataClass::personal, DataClass::sensitive, DataClass::quasi}) {
    if (to_string(known) == name) return known;
  }
  return fail(ErrorCode::corrupt, "a slot is named after no known class");
}

void CheckedWriter::text(std::string& value, const Limits& limits) {
  const bool shows = limits.min == 0 || !is_blank(value);
  check(value.size() >= limits.min && value.size() <= limits.max && shows && is_utf8(value));
  JsonWriter::text(value, limits);
}

void CheckedWriter::integer(std::int64_t& value, const Limits& limits) {
  check(value >= limits.least && value <= limits.most);
  JsonWriter::integer(value, limits);
}

void CheckedWriter::money(Money& value) {
  check(is_currency(value.currency) && is_within_bounds(value.minor));
  JsonWriter::money(value);
}

std::size_t CheckedWriter::begin_list(std::size_t size, const Limits& limits) {
  check(size <= limits.max);
  return JsonWriter::begin_list(size, limits);
}

std::vector<std::string> CheckedWriter::begin_map(std::vector<std::string> keys,
                                                  const Limits& limits) {
  check(keys.size() <= limits.max && std::all_of(keys.begin(), keys.end(), is_utf8));
  return JsonWriter::begin_map(std::move(keys), limits);
}

FieldVisitor::Visit ClearWriter::begin_field(const Field& field, bool optional, bool present) {
  enter(field.name);
  const Visit visit = JsonWriter::begin_field(field, optional, present);
  if (visit == Visit::present) tagging_.push_back(field.is_tag);
  return visit;
}

void ClearWriter::end_field() {
  tagging_.pop_back();
  JsonWriter::end_field();
}

FieldVisitor::Visit ClearWriter::begin_sealed(const Field& field, SealState& state,
                                              const Uuid& subject) {
  if (state != SealState::open) return Visit::skip;
  std::string name = slot_name(field.owner, field.data_class);
  begin_member(field.name);
  raw(R"({"sealed":)");
  std::string quoted;
  append_json_string(quoted, name);
  raw(quoted);
  raw("}");
  const auto same = [&](const SlotPlan& slot) { return slot.name == name; };
  if (std::none_of(slots_.begin(), slots_.end(), same))
    slots_.push_back({std::move(name), field.data_class, subject});
  return Visit::skip;
}

void ClearWriter::uuid(Uuid& value, std::string_view kind) {
  if (!tagging_.empty() && tagging_.back())
    tags_.push_back(std::string(kind) + ":" + value.to_string());
  JsonWriter::uuid(value, kind);
}

std::vector<std::string> ClearWriter::take_tags() {
  std::sort(tags_.begin(), tags_.end());
  tags_.erase(std::unique(tags_.begin(), tags_.end()), tags_.end());
  return std::move(tags_);
}

FieldVisitor::Visit SlotWriter::begin_field(const Field& field, bool optional, bool present) {
  if (inside_ == 0) return Visit::skip;
  enter(field.name);
  const Visit visit = JsonWriter::begin_field(field, optional, present);
  if (visit == Visit::present) ++inside_;
  return visit;
}

FieldVisitor::Visit SlotWriter::begin_sealed(const Field& field, SealState& state,
                                             const Uuid& /*subject*/) {
  if (state != SealState::open || slot_name(field.owner, field.data_class) != slot_)
    return Visit::skip;
  enter(field.name);
  begin_member(field.name);
  ++inside_;
  return Visit::present;
}

// An empty list stays: the clear data says that the field is here.
void SlotWriter::end_field() { --inside_; }

}  // namespace factum
