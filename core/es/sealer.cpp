#include "core/es/sealer.hpp"

namespace factum {

std::string_view to_string(DataClass data_class) {
  switch (data_class) {
    case DataClass::fact: return "fact";
    case DataClass::personal: return "personal";
    case DataClass::sensitive: return "sensitive";
    case DataClass::quasi: return "quasi";
  }
  return "unknown";
}

}  // namespace factum
