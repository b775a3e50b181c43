// The visitors by which the event codec takes an event apart: clear data with slot marks, tags, and
// slot contents.
#pragma once

#include "core/es/json_writer.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace factum {

/// What a slot of an event is called: "<owner field>.<class>".
std::string slot_name(std::string_view owner, DataClass data_class);
/// The class a slot name ends in. Errors: corrupt.
Result<DataClass> slot_class(std::string_view slot);

/// One slot that the clear data refers to.
struct SlotPlan {
  std::string name;
  DataClass data_class;
  Uuid subject;
};

/// Writes canonically and remembers the first field whose value a reader would refuse.
class CheckedWriter : public JsonWriter {
 public:
  CheckedWriter() : JsonWriter(JsonStyle::canonical) {}

  void text(std::string& value, const Limits& limits) override;
  void integer(std::int64_t& value, const Limits& limits) override;
  void money(Money& value) override;
  std::size_t begin_list(std::size_t size, const Limits& limits) override;
  std::vector<std::string> begin_map(std::vector<std::string> keys, const Limits& limits) override;

  /// Name of that field; empty if every value keeps its limits.
  std::string_view broken_field() const { return broken_field_; }

 protected:
  /// The field that is written next.
  void enter(std::string_view field) { field_ = field; }

 private:
  void check(bool holds) {
    if (!holds && broken_field_.empty()) broken_field_ = field_;
  }

  std::string_view field_;
  std::string_view broken_field_;
};

/// Writes the clear data; a sealed field becomes `{"sealed":"<slot>"}`. Collects tags and slots on
/// the way.
class ClearWriter : public CheckedWriter {
 public:
  Visit begin_field(const Field& field, bool optional, bool present) override;
  Visit begin_sealed(const Field& field, SealState& state, const Uuid& subject) override;
  void end_field() override;
  void uuid(Uuid& value, std::string_view kind) override;

  /// Sorted, without duplicates.
  std::vector<std::string> take_tags();
  const std::vector<SlotPlan>& slots() const { return slots_; }

 private:
  std::vector<bool> tagging_;
  std::vector<std::string> tags_;
  std::vector<SlotPlan> slots_;
};

/// Writes the plaintext of one slot: an object of the fields that belong to it.
class SlotWriter : public CheckedWriter {
 public:
  explicit SlotWriter(std::string_view slot) : slot_(slot) {}

  Visit begin_field(const Field& field, bool optional, bool present) override;
  Visit begin_sealed(const Field& field, SealState& state, const Uuid& subject) override;
  void end_field() override;

 private:
  std::string_view slot_;
  std::size_t inside_ = 0;
};

}  // namespace factum
