// Keys of the past of rows: one entry per row and step in which it changed, the newest first.
//
//   entry = 01 ‖ escaped key ‖ 00 01 ‖ u64be (2^64 − 1 − step)   →   01 ‖ row, or 00 if it was
//   erased
//
// In an escaped key 00 is written as 00 FF. So no key is the beginning of another, and entries are
// in the order of their keys.
#pragma once

#include "core/es/view_store.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace factum::projections {

/// What the entries of a row begin with.
std::string past_prefix(std::string_view key);
/// The least key that any entry of this row or a later one can have.
std::string past_bound(std::string_view key);
/// Behind all entries.
std::string past_end();
std::string past_key(std::string_view prefix, std::uint64_t step);

/// An entry's key taken apart; nothing if it is none.
struct PastKey {
  std::string_view prefix;
  std::uint64_t step = 0;
};
std::optional<PastKey> parse_past_key(std::string_view entry);
/// The key of the row that a prefix stands for.
std::string row_key_of(std::string_view prefix);

/// Stretches of the log by their numbers.
std::vector<PastStep> past_steps(const std::set<std::uint64_t>& numbers, std::uint64_t step);

std::string past_value(const std::optional<std::string>& row);
/// The row of an entry; nothing where it was erased.
std::optional<std::string_view> past_row(std::string_view value);

}  // namespace factum::projections
