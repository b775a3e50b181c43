#include "core/es/projection.hpp"

#include <algorithm>

namespace factum {
namespace {
constexpr std::size_t kCachedRowsMax = 20'000;
}

ViewBatch::ViewBatch(ViewKeyspace& keyspace, Sealer& sealer)
    : keyspace_(keyspace), sealer_(sealer), reader_(keyspace.snapshot()) {}

std::optional<std::string> ViewBatch::stored(const std::string& key) {
  if (const auto raw = raw_.find(key); raw != raw_.end()) return raw->second;
  auto bytes = reader_->get(key);
  if (bytes) return std::move(*bytes);
  status_ = fail(std::move(bytes).error());
  return std::nullopt;
}

void ViewBatch::put_bytes(const std::string& key, std::string value) {
  raw_[key] = std::move(value);
}

void ViewBatch::erase(const std::string& key) {
  rows_.erase(key);
  raw_[key] = std::nullopt;
}

std::optional<std::string> ViewBatch::outermost_key(const std::string& prefix, bool last) {
  RowRange range = rows_with_prefix(prefix);
  range.backwards = last;
  std::optional<std::string> outermost;
  const Status scanned = reader_->scan(range, [&](std::string_view key, std::string_view) {
    const bool changed = raw_.contains(std::string(key));
    if (!changed) outermost = key;
    return changed;
  });
  if (!scanned) status_ = scanned;
  for (auto row = raw_.lower_bound(prefix); row != raw_.end(); ++row) {
    const auto& [key, value] = *row;
    if (!key.starts_with(prefix)) break;
    if (value && (!outermost || (last ? *outermost < key : key < *outermost))) outermost = key;
  }
  return outermost;
}

Status ViewBatch::commit(Position position) {
  if (!status_) return status_;
  std::vector<RowChange> changes;
  for (auto& [key, value] : raw_) {
    if (const auto row = rows_.find(key); row != rows_.end() && row->second->dirty) continue;
    changes.push_back({key, std::move(value)});
  }
  for (std::string& key : edited_) {
    const auto row = rows_.find(key);
    if (row == rows_.end() || !row->second->dirty) continue;
    row->second->dirty = false;
    changes.push_back({std::move(key), row->second->encode()});
  }
  edited_.clear();
  raw_.clear();
  FACTUM_CHECK(keyspace_.commit(changes, position));
  if (rows_.size() > kCachedRowsMax) rows_.clear();
  reader_ = keyspace_.snapshot();
  return {};
}

void ViewBatch::drop() {
  rows_.clear();
  edited_.clear();
  raw_.clear();
  status_ = {};
  reader_ = keyspace_.snapshot();
}

Projection::Projection(std::string name, std::uint32_t version, std::string doc)
    : name_(std::move(name)), version_(version), doc_(std::move(doc)) {}

std::vector<std::string> Projection::handled_types() const {
  std::vector<std::string> names;
  for (const auto& [type, handler] : handlers_) names.emplace_back(type->name);
  std::sort(names.begin(), names.end());
  return names;
}

Status Projection::apply(ViewBatch& rows, const DecodedEvent& event) const {
  const auto handler = handlers_.find(&event.event.type());
  if (handler == handlers_.end()) return {};
  handler->second(rows, event);
  return rows.status();
}

}  // namespace factum
