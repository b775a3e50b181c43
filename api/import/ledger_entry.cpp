#include "api/import/ledger_entry.hpp"

#include "core/es/json_writer.hpp"

#include <algorithm>

namespace factum::importing {
namespace {

constexpr std::string_view kFieldPurpose = "import.field";
constexpr std::string_view kStepPurpose = "import.step";
constexpr std::string_view kTimeField = "occurred_at";
constexpr std::size_t kEventBytes = 16;
constexpr std::size_t kFieldBytes = 4;
const std::string kAbsentField(kFieldBytes, '\0');

// Writes an object and cuts the text between its own fields.
class FieldCutter final : public JsonWriter {
 public:
  FieldCutter() : JsonWriter(JsonStyle::answer) {}

  std::vector<FieldText> take_fields() { return std::move(fields_); }

  Visit begin_field(const Field& field, bool optional, bool present) override {
    if (depth_ == 1) {
      cut();
      fields_.push_back({std::string(field.name), {}});
    }
    return JsonWriter::begin_field(field, optional, present);
  }
  void begin_object() override {
    ++depth_;
    JsonWriter::begin_object();
  }
  void end_object() override {
    if (--depth_ == 0) cut();
    JsonWriter::end_object();
  }

 private:
  void cut() {
    std::string text = take();
    if (fields_.empty()) return;
    if (text.starts_with(',')) text.erase(0, 1);
    const bool is_empty_list = text.ends_with(":[]") || text.ends_with(":{}");
    fields_.back().json = is_empty_list ? std::string{} : std::move(text);
  }

  std::size_t depth_ = 0;
  std::vector<FieldText> fields_;
};

bool is_correctable(const CommandType& type, std::string_view field) {
  return std::find(type.corrects.begin(), type.corrects.end(), field) != type.corrects.end();
}

const FieldShape& shape_of_field(const Shape& shape, std::string_view name) {
  return *std::find_if(shape.fields.begin(), shape.fields.end(),
                       [&](const FieldShape& field) { return field.name == name; });
}

}  // namespace

std::vector<FieldText> field_texts(AnyCommand& command, std::optional<Timestamp> occurred_at) {
  FieldCutter cutter;
  command.describe(cutter);
  auto fields = cutter.take_fields();
  // The time of an import stands beside the body, where the description has a last field for it.
  fields.back().json = occurred_at ? to_string(*occurred_at) : std::string{};
  std::rotate(fields.begin(), fields.end() - 1, fields.end());
  return fields;
}

std::string field_digests(Sealer& sealer, const Digest& ref, const std::vector<FieldText>& fields) {
  std::string details;
  for (const FieldText& field : fields) {
    if (field.json.empty()) {
      details += kAbsentField;
      continue;
    }
    std::string salted(reinterpret_cast<const char*>(ref.data()), ref.size());
    const Digest digest = sealer.digest(kFieldPurpose, salted + field.json);
    details.append(reinterpret_cast<const char*>(digest.data()), kFieldBytes);
  }
  return details;
}

LedgerEntry read_entry(const CommandType& type, std::string_view payload) {
  LedgerEntry entry{payload.substr(0, kContentBytes), std::nullopt, {}};
  payload.remove_prefix(entry.content.size());
  if (!type.creates && payload.size() >= kEventBytes) {
    const auto id = Uuid::from_bytes(payload.substr(0, kEventBytes));
    if (id && !id->is_nil()) entry.event = *id;
    payload.remove_prefix(kEventBytes);
  }
  entry.fields = payload;
  return entry;
}

std::string step_mark(Sealer& sealer, const Digest& ref, bool adds_up) {
  const Digest digest =
      sealer.digest(kStepPurpose, {reinterpret_cast<const char*>(ref.data()), ref.size()});
  std::string mark(reinterpret_cast<const char*>(digest.data()), kStepMarkBytes - 1);
  mark.push_back(adds_up ? '\1' : '\0');
  return mark;
}

std::vector<std::string_view> missing_marks(std::string_view from, std::string_view in) {
  std::vector<std::string_view> missing;
  for (std::size_t at = 0; at + kStepMarkBytes <= from.size(); at += kStepMarkBytes) {
    const std::string_view mark = from.substr(at, kStepMarkBytes);
    bool found = false;
    for (std::size_t other = 0; other + kStepMarkBytes <= in.size(); other += kStepMarkBytes)
      found = found || in.substr(other, kStepMarkBytes) == mark;
    if (!found) missing.push_back(mark);
  }
  return missing;
}

Difference difference(const CommandType& type, const std::vector<FieldText>& fields,
                      std::string_view before, std::string_view now) {
  const Shape shape = type.shape();
  Difference result;
  const auto keep = [&](const std::string& json) {
    result.body += (result.body.empty() ? "{" : ",") + json;
  };
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const FieldText& field = fields[i];
    const bool correctable = is_correctable(type, field.name);
    const bool reducible = correctable && !type.adds_up;
    // Of a field that was not known when the entry was made nothing can be told.
    const bool known = (i + 1) * kFieldBytes <= before.size();
    const auto was = known ? before.substr(i * kFieldBytes, kFieldBytes) : kAbsentField;
    const bool same = was == now.substr(i * kFieldBytes, kFieldBytes);
    const FieldShape& described = shape_of_field(shape, field.name);
    const bool is_text = described.shape.kind == ShapeKind::text;
    const bool is_gone = !same && field.json.empty();
    if (!same && (!correctable || (is_gone && !is_text)) && result.refused.empty())
      result.refused = field.name;
    if (field.name == kTimeField) continue;
    if (is_gone) keep('"' + field.name + "\":\"\"");
    if (field.json.empty() || (same && reducible && described.optional)) continue;
    keep(field.json);
  }
  result.body += result.body.empty() ? "{}" : "}";
  return result;
}

}  // namespace factum::importing
