// Rows of a file kept in memory: groups of rows, and files that are joined.
#pragma once

#include "core/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace factum::importing {

/// One row somewhere in memory; lives as long as its table or reader keeps it.
struct RowView {
  std::uint64_t line = 0;
  std::span<const std::string_view> fields;
};

/// Rows with the same number of fields, in file order, with an index by key. Not thread-safe.
class RowTable {
 public:
  /// `bytes_max` bounds fields and bookkeeping together.
  RowTable(std::size_t columns, std::size_t bytes_max) : columns_(columns), bytes_max_(bytes_max) {}

  /// Copies a row. Errors: limit_exceeded.
  Status add(RowView row, std::string_view key);
  RowView row(std::size_t index) const;
  std::size_t size() const { return lines_.size(); }
  /// Indexes of the rows with this key, in file order; empty if there are none. O(1).
  std::span<const std::size_t> find(std::string_view key) const;
  /// Groups of rows with the same key, in the order of their first rows.
  const std::vector<std::vector<std::size_t>>& groups() const { return groups_; }
  void clear();

 private:
  char* take_bytes(std::size_t count);

  std::size_t columns_;
  std::size_t bytes_max_;
  std::size_t bytes_used_ = 0;
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::size_t block_left_ = 0;
  char* block_at_ = nullptr;
  std::vector<std::string_view> fields_;
  std::vector<std::uint64_t> lines_;
  std::unordered_map<std::string_view, std::size_t> group_of_;
  std::vector<std::vector<std::size_t>> groups_;
};

}  // namespace factum::importing
