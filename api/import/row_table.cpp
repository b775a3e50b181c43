#include "api/import/row_table.hpp"

#include <algorithm>
#include <cstring>

namespace factum::importing {
namespace {
constexpr std::size_t kBlockBytes = std::size_t{1} << 20;
// What the indexes cost beside the bytes, roughly: a line, a place in a group, a share of the map.
constexpr std::size_t kBytesPerRow = 64;
}  // namespace

char* RowTable::take_bytes(std::size_t count) {
  if (count > block_left_) {
    block_left_ = std::max(count, kBlockBytes);
    blocks_.push_back(std::make_unique<char[]>(block_left_));
    block_at_ = blocks_.back().get();
  }
  char* const taken = block_at_;
  block_at_ += count;
  block_left_ -= count;
  return taken;
}

Status RowTable::add(RowView row, std::string_view key) {
  std::size_t bytes = key.size() + kBytesPerRow + columns_ * sizeof(std::string_view);
  for (const std::string_view field : row.fields) bytes += field.size();
  bytes_used_ += bytes;
  if (bytes_used_ > bytes_max_) {
    return fail(ErrorCode::limit_exceeded,
                "line " + std::to_string(row.line) +
                    ": the rows that must be kept in memory pass the limit of " +
                    std::to_string(bytes_max_ >> 20) + " MiB; split the file");
  }
  for (const std::string_view field : row.fields) {
    char* const copy = take_bytes(field.size());
    if (!field.empty()) std::memcpy(copy, field.data(), field.size());
    fields_.emplace_back(copy, field.size());
  }
  const std::size_t index = lines_.size();
  lines_.push_back(row.line);
  if (const auto known = group_of_.find(key); known != group_of_.end()) {
    groups_[known->second].push_back(index);
    return {};
  }
  char* const copy = take_bytes(key.size());
  if (!key.empty()) std::memcpy(copy, key.data(), key.size());
  group_of_.emplace(std::string_view(copy, key.size()), groups_.size());
  groups_.push_back({index});
  return {};
}

RowView RowTable::row(std::size_t index) const {
  return {lines_[index], std::span(fields_).subspan(index * columns_, columns_)};
}

std::span<const std::size_t> RowTable::find(std::string_view key) const {
  const auto known = group_of_.find(key);
  if (known == group_of_.end()) return {};
  return groups_[known->second];
}

void RowTable::clear() {
  blocks_.clear();
  block_left_ = 0;
  block_at_ = nullptr;
  bytes_used_ = 0;
  fields_.clear();
  lines_.clear();
  group_of_.clear();
  groups_.clear();
}

}  // namespace factum::importing
