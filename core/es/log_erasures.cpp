#include "core/es/log_erasures.hpp"

#include "core/es/json_reader.hpp"

#include <algorithm>
#include <utility>

namespace factum {
namespace {

constexpr std::string_view kStarted = "ErasureStarted";
constexpr std::string_view kDestroyed = "SubjectKeyDestroyed";
constexpr std::size_t kKeysMax = 65'536;

struct StartedData {
  std::string erasure;
  std::vector<std::string> keys;
  static void describe(FieldVisitor& v, StartedData& d) {
    v.shown("erasure", d.erasure, "The erasure");
    v.shown("keys", d.keys, "Its keys", at_most(kKeysMax));
  }
};

struct DestroyedData {
  std::string erasure;
  static void describe(FieldVisitor& v, DestroyedData& d) {
    v.shown("erasure", d.erasure, "The erasure");
  }
};

// Ids are written in one way only: others name nothing.
bool is_id(const std::string& text) {
  const auto id = Uuid::parse(text);
  return id && id->to_string() == text;
}

}  // namespace

std::optional<ErasureNote> read_erasure_note(std::string_view type, std::string_view data) {
  const JsonReadOptions stored{.sealed_as_plain = false, .stored = true};
  if (type == kStarted) {
    auto started = from_json<StartedData>(data, stored);
    if (started && is_id(started->erasure) &&
        std::all_of(started->keys.begin(), started->keys.end(), is_id))
      return ErasureNote{std::move(started->erasure), std::move(started->keys), false};
  }
  if (type == kDestroyed) {
    auto destroyed = from_json<DestroyedData>(data, stored);
    if (destroyed && is_id(destroyed->erasure))
      return ErasureNote{std::move(destroyed->erasure), {}, true};
  }
  return {};
}

void ErasureCover::add(ErasureNote note) {
  if (!note.destroyed) {
    auto& keys = started_[note.erasure];
    keys.insert(keys.end(), note.keys.begin(), note.keys.end());
    return;
  }
  const auto started = started_.find(note.erasure);
  if (started == started_.end()) return;
  covered_.insert(started->second.begin(), started->second.end());
  started_.erase(started);
}

void ErasureCover::miss(const Uuid& key, std::uint64_t position) {
  missing_.try_emplace(key, position);
}

std::optional<std::uint64_t> ErasureCover::first_uncovered() const {
  std::optional<std::uint64_t> first;
  for (const auto& [key, position] : missing_) {
    if (covered_.contains(key.to_string())) continue;
    first = std::min(first.value_or(position), position);
  }
  return first;
}

}  // namespace factum
