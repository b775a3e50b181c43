// Writes described values as JSON: canonical (RFC 8785) for events, in field order for answers.
#pragma once

#include "core/es/field_visitor.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace factum {

/// Appends `text` to `out` as a JSON string, escaped as RFC 8785 §3.2.2.2 asks. `text` must be
/// UTF-8.
void append_json_string(std::string& out, std::string_view text);

/// What a JsonWriter does with sealed fields and key order.
enum class JsonStyle {
  canonical,  ///< keys sorted, absent values and empty lists left out: the clear data of events
  answer,     ///< keys in field order, empty lists kept, sealed values as they are open
};

/// A visitor that writes JSON text. Integers beyond 2^53 become strings, so that every language
/// reads them.
class JsonWriter : public FieldVisitor {
 public:
  explicit JsonWriter(JsonStyle style) : style_(style) {}

  /// The text written so far; leaves the writer empty.
  std::string take();

  Visit begin_field(const Field& field, bool optional, bool present) override;
  Visit begin_sealed(const Field& field, SealState& state, const Uuid& subject) override;
  void end_field() override;
  void text(std::string& value, const Limits& limits) override;
  void integer(std::int64_t& value, const Limits& limits) override;
  void wide_integer(Int128& value) override;
  void number(double& value) override;
  void boolean(bool& value) override;
  void uuid(Uuid& value, std::string_view kind) override;
  void timestamp(Timestamp& value) override;
  void date(Date& value) override;
  void money(Money& value) override;
  void symbol(std::size_t& index, std::span<const std::string_view> names) override;
  void sealed_ref(SealedRef& value) override;
  void begin_object() override;
  void end_object() override;
  std::size_t begin_list(std::size_t size, const Limits& limits) override;
  void next_element(std::size_t index) override;
  void end_list() override;
  std::vector<std::string> begin_map(std::vector<std::string> keys, const Limits& limits) override;
  void next_key(const std::string& key) override;
  void end_map() override;

 protected:
  JsonStyle style() const { return style_; }
  /// Starts a member of the object being written.
  void begin_member(std::string_view name);
  void raw(std::string_view json) { out_.append(json); }

 private:
  struct Member {
    std::string_view name;
    std::size_t begin;
  };
  struct Frame {
    std::size_t begin = 0;
    std::vector<Member> members;
  };
  void sort_members(Frame& frame);

  JsonStyle style_;
  std::string out_;
  std::vector<Frame> frames_;
  std::size_t depth_ = 0;
};

/// The JSON text of a described value in answer style.
template <class T>
std::string to_json(const T& described) {
  JsonWriter writer(JsonStyle::answer);
  T copy = described;
  writer.value(copy);
  return writer.take();
}

}  // namespace factum
