#include "core/es/extension_types.hpp"

#include <algorithm>
#include <variant>

namespace factum {
namespace {

using Kind = ExtensionField::Kind;
using Content =
    std::variant<std::string, std::int64_t, bool, Timestamp, Date, Money, std::size_t, Uuid>;

// The value of one field; facts are absent or open.
struct Value {
  SealState state = SealState::absent;
  Content content;
};

struct Event {
  const ExtensionSchema* schema;
  std::vector<Value> values;  // in the order of the fields
};

Content empty_content(Kind kind) {
  switch (kind) {
    case Kind::text: return std::string{};
    case Kind::integer: return std::int64_t{0};
    case Kind::boolean: return false;
    case Kind::timestamp: return Timestamp{};
    case Kind::date: return Date{};
    case Kind::money: return Money{};
    case Kind::symbol: return std::size_t{0};
    case Kind::id: return Uuid{};
  }
  return {};
}

std::shared_ptr<Event> new_event(const ExtensionSchema& schema) {
  auto event = std::make_shared<Event>(Event{&schema, {}});
  event->values.reserve(schema.fields.size());
  for (const ExtensionField& field : schema.fields)
    event->values.push_back({SealState::absent, empty_content(field.kind)});
  return event;
}

Uuid owner_of(const Event& event, const ExtensionField& field) {
  for (std::size_t i = 0; i < event.values.size(); ++i) {
    if (event.schema->fields[i].name != field.owner) continue;
    const Value& owner = event.values[i];
    return owner.state == SealState::open ? std::get<Uuid>(owner.content) : Uuid{};
  }
  return {};
}

void walk_content(FieldVisitor& visitor, const ExtensionField& field, Content& content) {
  switch (field.kind) {
    case Kind::text: return visitor.text(std::get<std::string>(content), field.limits);
    case Kind::integer: return visitor.integer(std::get<std::int64_t>(content), field.limits);
    case Kind::boolean: return visitor.boolean(std::get<bool>(content));
    case Kind::timestamp: return visitor.timestamp(std::get<Timestamp>(content));
    case Kind::date: return visitor.date(std::get<Date>(content));
    case Kind::money: return visitor.money(std::get<Money>(content));
    case Kind::symbol: {
      const std::vector<std::string_view> texts(field.symbols.begin(), field.symbols.end());
      return visitor.symbol(std::get<std::size_t>(content), texts);
    }
    case Kind::id: return visitor.uuid(std::get<Uuid>(content), field.entity);
  }
}

// The same steps as FieldVisitor takes for a member of a struct.
void walk_field(FieldVisitor& visitor, const Event& event, const ExtensionField& declared,
                Value& value) {
  const Field field{
      declared.name,  declared.doc, declared.data_class, declared.owner, declared.kind == Kind::id,
      declared.limits};
  SealState state = value.state;
  const FieldVisitor::Visit visit =
      declared.data_class == DataClass::fact
          ? visitor.begin_field(field, declared.optional, state == SealState::open)
          : visitor.begin_sealed(field, state, owner_of(event, declared));
  switch (visit) {
    case FieldVisitor::Visit::skip: return;
    case FieldVisitor::Visit::absent:
      value.state = declared.data_class == DataClass::fact ? SealState::absent : state;
      return;
    case FieldVisitor::Visit::present: break;
  }
  value.state = SealState::open;
  walk_content(visitor, declared, value.content);
  visitor.end_field();
}

void walk(FieldVisitor& visitor, Event& event) {
  visitor.begin_object();
  for (std::size_t i = 0; i < event.values.size(); ++i)
    walk_field(visitor, event, event.schema->fields[i], event.values[i]);
  visitor.end_object();
}

void add_piece(std::string& text, std::string_view piece) {
  text.append(std::to_string(piece.size())).append(":").append(piece);
}
void add_number(std::string& text, std::int64_t number) { add_piece(text, std::to_string(number)); }

// Everything that decides what a stored event means and whether it can be read; not the docs.
std::string shape_text(const ExtensionSchema& schema) {
  std::string text;
  for (const ExtensionField& field : schema.fields) {
    add_piece(text, field.name);
    add_piece(text, Symbols<Kind>::kNames[static_cast<std::size_t>(field.kind)]);
    add_piece(text, field.entity);
    add_number(text, static_cast<std::int64_t>(field.symbols.size()));
    for (const std::string& symbol : field.symbols) add_piece(text, symbol);
    add_number(text, static_cast<std::int64_t>(field.limits.min));
    add_number(text, static_cast<std::int64_t>(field.limits.max));
    add_number(text, field.limits.least);
    add_number(text, field.limits.most);
    add_piece(text, field.optional ? "optional" : "required");
    add_piece(text, to_string(field.data_class));
    add_piece(text, field.owner);
  }
  return text;
}

Claim claim_of(std::string_view name, const ExtensionSchema& schema, Sealer& sealer) {
  const std::string numbered = std::string(name) + "/" + std::to_string(schema.number);
  const Digest shape = sealer.digest("extension.shape", shape_text(schema));
  return {"extension.type", sealer.digest("extension.type", numbered), Claim::Action::take,
          "type:" + numbered, std::string(shape.begin(), shape.end())};
}

}  // namespace

ExtensionType::ExtensionType(std::string own_name, std::vector<ExtensionSchema> schemas)
    : own_name_(std::move(own_name)), schemas_(std::move(schemas)) {
  name = own_name_;
  schema = schemas_.back().number;
  doc = schemas_.back().doc;
}

void ExtensionType::describe(FieldVisitor& visitor, void* value) const {
  walk(visitor, *static_cast<Event*>(value));
}

EventBox ExtensionType::read(std::uint16_t stored, const Fill& fill) const {
  if (stored == 0 || stored > schemas_.size()) return {};
  auto event = new_event(schemas_[stored - 1U]);
  fill([&](FieldVisitor& visitor) { walk(visitor, *event); });
  return {*this, std::move(event)};
}

EventBox ExtensionType::read_new(FieldVisitor& reader, std::vector<FieldError>& gaps) const {
  auto event = new_event(schemas_.back());
  walk(reader, *event);
  for (std::size_t i = 0; i < event->values.size(); ++i) {
    const ExtensionField& field = event->schema->fields[i];
    if (field.data_class == DataClass::fact) continue;
    const bool absent = event->values[i].state == SealState::absent;
    if (absent && !field.optional)
      gaps.push_back({"/" + field.name, "required", "this field is required"});
    if (!absent && owner_of(*event, field).is_nil())
      gaps.push_back({"/" + field.name, "owner", "this needs its owner: " + field.owner});
  }
  return {*this, std::move(event)};
}

const ExtensionType* ExtensionTypes::find(std::string_view name) const {
  const auto found = std::find_if(types_.begin(), types_.end(),
                                  [&](const auto& type) { return type->name == name; });
  return found == types_.end() ? nullptr : found->get();
}

std::vector<const EventType*> ExtensionTypes::after(std::vector<const EventType*> catalogue) const {
  for (const auto& type : types_) catalogue.push_back(type.get());
  return catalogue;
}

Status ExtensionTypes::check_recorded(const EventStore& store, Sealer& sealer) const {
  for (const auto& type : types_) {
    for (const ExtensionSchema& schema : type->schemas()) {
      const Claim now = claim_of(type->name, schema, sealer);
      FACTUM_TRY(const auto recorded, store.find_claim(now.space, now.key));
      if (!recorded || recorded->payload == now.payload) continue;
      return fail(ErrorCode::invalid_argument,
                  std::string(kExtensionFile) + ": type " + std::string(type->name) +
                      ": the log has events of schema " + std::to_string(schema.number) +
                      " with other fields; put its fields back and list the new ones under the "
                      "next schema");
    }
  }
  return {};
}

Claim shape_claim(const ExtensionType& type, Sealer& sealer) {
  return claim_of(type.name, type.schemas().back(), sealer);
}

}  // namespace factum
