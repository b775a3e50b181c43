#include "core/es/event_type.hpp"

namespace factum {

void EventBox::describe(FieldVisitor& writer) const { type_->describe(writer, value_.get()); }

Shape EventType::shape() const {
  return shape_by([this](FieldVisitor& visitor) {
    read(schema, [&](const Describe& describe_default) { describe_default(visitor); });
  });
}

}  // namespace factum
