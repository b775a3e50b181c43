#include "projections/answer_cache.hpp"

#include <doctest/doctest.h>

using namespace factum::projections;

TEST_CASE("an answer is found under its request until another one takes its place") {
  const auto cache = make_answer_cache(1 << 20);
  CHECK(cache->find("/v1/a?") == nullptr);
  cache->keep("/v1/a?", {"key", "row", "old"});
  const auto held = cache->find("/v1/a?");
  cache->keep("/v1/a?", {"key", "row 2", "new"});
  REQUIRE(held != nullptr);
  CHECK(held->json == "old");
  CHECK(cache->find("/v1/a?")->json == "new");
  CHECK(cache->find("/v1/a?")->row == "row 2");
  CHECK(cache->find("/v1/a?fields=name") == nullptr);
}

TEST_CASE("answers that nobody asks for make room; one that is too large is not kept") {
  const auto cache = make_answer_cache(100'000);
  for (int i = 0; i < 1000; ++i)
    cache->keep(std::to_string(i), {"key", "row", std::string(1000, 'x')});
  int found = 0;
  for (int i = 0; i < 1000; ++i) found += cache->find(std::to_string(i)) != nullptr ? 1 : 0;
  CHECK(found > 0);
  CHECK(found <= 100);
  cache->keep("large", {"key", "row", std::string(200'000, 'x')});
  CHECK(cache->find("large") == nullptr);
}
