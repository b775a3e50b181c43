#include "core/es/view_store.hpp"

namespace factum {

RowRange rows_with_prefix(std::string_view prefix) {
  RowRange range{.from = std::string(prefix), .to = std::string(prefix)};
  while (!range.to.empty() && static_cast<unsigned char>(range.to.back()) == 0xFF)
    range.to.pop_back();
  if (!range.to.empty())
    range.to.back() = static_cast<char>(static_cast<unsigned char>(range.to.back()) + 1);
  return range;
}

}  // namespace factum
