// One page of a list: what a query asks for and what it gives.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace factum::projections {

inline constexpr std::size_t kPageItemsMax = 1000;

/// Which part of a list. `after` is the `next` of the page before, empty for the first page; bytes
/// that no page gave are harmless, they only start somewhere else.
struct PageRequest {
  std::string after = {};
  std::size_t limit = 50;  ///< 1 to kPageItemsMax; others are moved to the nearest bound
};

/// Items in order. `next` are raw key bytes to be hidden from clients; empty = no more items.
template <class T>
struct Page {
  std::vector<T> items;
  std::string next;
};

}  // namespace factum::projections
