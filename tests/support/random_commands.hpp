// Random appends, queries and ranges for an event store, over few tags, claims and keys, so that
// they meet often.
#pragma once

#include "core/es/event_store.hpp"

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace factum::test {

/// The same seed gives the same commands, ids of events excepted.
class RandomCommands {
 public:
  static constexpr std::uint64_t kClaimKeys = 8;
  static constexpr std::uint64_t kIdempotencyKeys = 40;

  /// `data_bytes_max`: bound of the clear data of most events; one in fifty has 16 times as much.
  explicit RandomCommands(std::uint64_t seed, std::uint64_t data_bytes_max = 0)
      : random_(seed), data_bytes_max_(data_bytes_max) {}

  /// A number in [0, `bound`).
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  /// True once in `times`.
  bool one_in(std::uint64_t times) { return below(times) == 0; }

  std::vector<std::string> some_tags(std::uint64_t most);
  Query query();
  ReadOptions options(std::uint64_t head);
  AppendRequest append(std::uint64_t head);

  /// Every tag there can be.
  static std::vector<std::string> all_tags();
  static Digest digest_of(std::uint64_t number);
  /// The namespace of the claims.
  static constexpr const char* kSpace = "space";

 private:
  NewEvent event();
  Claim claim();

  std::mt19937_64 random_;
  std::uint64_t data_bytes_max_;
};

}  // namespace factum::test
