#include "projections/generation_store.hpp"

#include <charconv>

namespace factum::projections {
namespace {

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const char* end = text.data() + text.size();
  const auto [stopped, problem] = std::from_chars(text.data(), end, number);
  return problem == std::errc{} && stopped == end;
}

}  // namespace

std::string Generation::name() const {
  return projection + "." + std::to_string(version) + "." + std::to_string(number);
}

std::optional<Generation> Generation::parse(std::string_view name) {
  const std::size_t last = name.rfind('.');
  if (last == std::string_view::npos || last == 0) return std::nullopt;
  const std::size_t middle = name.rfind('.', last - 1);
  if (middle == std::string_view::npos || middle == 0) return std::nullopt;
  Generation generation{.projection = std::string(name.substr(0, middle))};
  if (!read_number(name.substr(middle + 1, last - middle - 1), generation.version) ||
      !read_number(name.substr(last + 1), generation.number))
    return std::nullopt;
  return generation;
}

}  // namespace factum::projections
