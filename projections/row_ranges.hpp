// The rows that an answer is made from.
#pragma once

#include "core/es/view_store.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace factum::projections {

/// Ranges of keys, joined where they meet.
class RowRanges {
 public:
  /// `to` empty = to the end.
  void add(const std::string& from, const std::string& to);
  bool contains(std::string_view key) const;
  std::vector<RowRange> list() const;
  std::size_t size() const { return ends_.size(); }

 private:
  std::map<std::string, std::string, std::less<>> ends_;  // from → to, apart from each other
};

/// Reads rows and notes which. Not thread-safe.
class NotingReader final : public ViewReader {
 public:
  /// Both outlive the reader.
  NotingReader(const ViewReader& rows, RowRanges& ranges) : rows_(rows), ranges_(ranges) {}

  Position position() const override { return rows_.position(); }
  Result<std::optional<std::string>> get(std::string_view key) const override {
    ranges_.add(std::string(key), std::string(key) + '\0');
    return rows_.get(key);
  }
  Status scan(const RowRange& range, const OnRow& on_row) const override {
    ranges_.add(range.from, range.to);
    return rows_.scan(range, on_row);
  }

 private:
  const ViewReader& rows_;
  RowRanges& ranges_;
};

}  // namespace factum::projections
