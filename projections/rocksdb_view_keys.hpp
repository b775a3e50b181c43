// Names within the views database.
//
//   family of a generation: "\0position" = u64be position; below 01 the past of rows, then rows
//   default family:         "live." projection = name of the generation that answers
#pragma once

#include "core/es/event_store.hpp"

#include <string>
#include <string_view>

namespace factum::projections {

// No key of a view sorts before it: tables are letters.
inline const std::string kPositionKey("\0position", 9);
// What the past of rows begins with; tables are letters behind it.
inline constexpr char kPastTable = '\1';
inline const std::string kLivePrefix = "live.";

inline Position read_position(std::string_view bytes) {
  std::uint64_t number = 0;
  for (char c : bytes) number = number << 8 | static_cast<unsigned char>(c);
  return Position(number);
}

}  // namespace factum::projections
