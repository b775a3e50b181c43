#include "core/es/command.hpp"

namespace factum {

Shape CommandType::shape() const {
  return shape_by([this](FieldVisitor& visitor) { make()->describe(visitor); });
}

}  // namespace factum
