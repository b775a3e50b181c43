#include "projections/past_key.hpp"

namespace factum::projections {
namespace {

constexpr char kTable = 1;
constexpr std::string_view kEnd("\0\1", 2);
constexpr std::size_t kStepBytes = 8;
constexpr char kErased = 0;
constexpr char kThere = 1;

}  // namespace

std::string past_bound(std::string_view key) {
  std::string escaped(1, kTable);
  for (char c : key) {
    escaped += c;
    if (c == '\0') escaped += '\xFF';
  }
  return escaped;
}

std::string past_end() { return std::string(1, kTable + 1); }

std::string past_prefix(std::string_view key) { return past_bound(key).append(kEnd); }

std::string past_key(std::string_view prefix, std::uint64_t step) {
  std::string entry(prefix);
  const std::uint64_t inverted = ~step;
  for (int shift = 56; shift >= 0; shift -= 8)
    entry.push_back(static_cast<char>(inverted >> shift));
  return entry;
}

std::optional<PastKey> parse_past_key(std::string_view entry) {
  if (entry.size() < 1 + kStepBytes + kEnd.size()) return std::nullopt;
  const std::size_t end = entry.size() - kStepBytes;
  if (entry.substr(end - kEnd.size(), kEnd.size()) != kEnd) return std::nullopt;
  std::uint64_t inverted = 0;
  for (char c : entry.substr(end)) inverted = inverted << 8 | static_cast<unsigned char>(c);
  return PastKey{entry.substr(0, end), ~inverted};
}

std::string row_key_of(std::string_view prefix) {
  std::string key;
  const std::string_view escaped = prefix.substr(1, prefix.size() - 1 - kEnd.size());
  for (std::size_t i = 0; i < escaped.size(); ++i) {
    key += escaped[i];
    if (escaped[i] == '\0') ++i;
  }
  return key;
}

std::vector<PastStep> past_steps(const std::set<std::uint64_t>& numbers, std::uint64_t step) {
  std::vector<PastStep> steps;
  steps.reserve(numbers.size());
  for (const std::uint64_t number : numbers)
    steps.push_back({Position(number * step), Position((number + 1) * step)});
  return steps;
}

std::string past_value(const std::optional<std::string>& row) {
  return row ? kThere + *row : std::string(1, kErased);
}

std::optional<std::string_view> past_row(std::string_view value) {
  if (value.empty() || value.front() != kThere) return std::nullopt;
  return value.substr(1);
}

}  // namespace factum::projections
