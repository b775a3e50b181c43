#include "projections/past_key.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

using namespace factum::projections;

namespace {

// Short keys of few bytes, so that beginnings, zeros and highest bytes meet.
std::string random_key(std::mt19937_64& random) {
  static const std::string kBytes(
      "\0\1\2\xFE\xFF"
      "ab",
      7);
  std::string key;
  for (std::size_t left = random() % 5; left > 0; --left) key += kBytes[random() % kBytes.size()];
  return key;
}

}  // namespace

TEST_CASE("entries are in the order of their keys, the newest first") {
  std::mt19937_64 random(5);
  for (int i = 0; i < 20'000; ++i) {
    const std::string one = random_key(random);
    const std::string other = random_key(random);
    const std::uint64_t step = random() % 3;
    const std::uint64_t later = random() % 3;
    const std::string entry = past_key(past_prefix(one), step);
    const std::string another = past_key(past_prefix(other), later);
    if (one == other)
      CHECK((entry < another) == (step > later));
    else
      CHECK((entry < another) == (one < other));
    CHECK((entry >= past_bound(other)) == (one >= other));
    CHECK(entry < past_end());
  }
}

TEST_CASE("an entry is taken apart again") {
  std::mt19937_64 random(6);
  for (int i = 0; i < 2'000; ++i) {
    const std::string key = random_key(random);
    const std::uint64_t step = random();
    const std::string entry = past_key(past_prefix(key), step);
    const auto read = parse_past_key(entry);
    REQUIRE(read);
    CHECK(read->step == step);
    CHECK(read->prefix == past_prefix(key));
    CHECK(row_key_of(read->prefix) == key);
  }
  for (const char* wrong : {"", "a", "\1aaaaaaaaaaaaaaaaaa"}) CHECK_FALSE(parse_past_key(wrong));
  CHECK(past_row(past_value("row")) == "row");
  CHECK(past_row(past_value("")) == "");
  CHECK_FALSE(past_row(past_value(std::nullopt)));
}
