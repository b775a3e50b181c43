// The one contract every event store passes. A test file defines FACTUM_STORE_HARNESSES as a list
// of harness types and includes this header; every case runs for each of them.
//
// A harness is default constructible and has
//   EventStore& store();      the store under test; may be another object after between_steps()
//   ManualClock& clock();     the clock the store was given
//   void between_steps();     called after every append; a harness may close and reopen here
#pragma once

#ifndef FACTUM_STORE_HARNESSES
#error "define FACTUM_STORE_HARNESSES before including store_contract.hpp"
#endif

#include "eventstore/merkle_tree.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/store_helpers.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <thread>

namespace factum::test {

template <class Harness>
Result<AppendResult> step(Harness& harness, AppendRequest request) {
  auto result = append_and_wait(harness.store(), std::move(request));
  harness.between_steps();
  return result;
}

template <class Harness>
Result<AppendResult> step(Harness& harness, std::string type, std::vector<std::string> tags) {
  return step(harness, request_of({test_event(std::move(type), std::move(tags))}));
}

inline Digest digest_of(std::uint8_t number) {
  Digest digest{};
  digest.fill(number);
  return digest;
}

inline Claim claim_of(Claim::Action action, std::uint8_t key, std::string holder,
                      std::string payload = "") {
  return Claim{"customer.email", digest_of(key), action, std::move(holder), std::move(payload)};
}

template <class Harness>
std::string holder_of(Harness& harness, std::uint8_t key) {
  const auto found = harness.store().find_claim("customer.email", digest_of(key));
  if (!found) return std::string(to_string(found.error().code));
  return *found ? (*found)->holder + "/" + (*found)->payload : "nobody";
}

template <class Harness>
Result<AppendResult> claim_step(Harness& harness, std::vector<Claim> claims) {
  AppendRequest request = request_of({test_event("Claimed", {"customer:1"})});
  request.claims = std::move(claims);
  return step(harness, std::move(request));
}

// Ten events over two customers, one deal and three types; event 5 and 6 share an append.
template <class Harness>
void fill_example(Harness& harness) {
  REQUIRE(step(harness, "CustomerCreated", {"customer:1"}));
  REQUIRE(step(harness, "CustomerCreated", {"customer:2"}));
  REQUIRE(step(harness, "CallLogged", {"customer:1"}));
  REQUIRE(step(harness, "DealOpened", {"customer:1", "deal:9"}));
  REQUIRE(step(harness, request_of({test_event("CallLogged", {"customer:1"}),
                                    test_event("CallLogged", {"customer:2"})})));
  REQUIRE(step(harness, "DealOpened", {"customer:2", "deal:10"}));
  REQUIRE(step(harness, "CallLogged", {"customer:1", "deal:9"}));
  REQUIRE(step(harness, "DealWon", {"customer:1", "deal:9"}));
  REQUIRE(step(harness, "CallLogged", {"customer:2", "customer:3"}));
}

inline ReadOptions range(std::uint64_t from, std::uint64_t to, bool backwards = false,
                         std::size_t limit = 1000) {
  ReadOptions options;
  options.from = Position(from);
  options.to = Position(to);
  options.backwards = backwards;
  options.limit = limit;
  return options;
}

}  // namespace factum::test

#include "tests/support/store_contract_append.hpp"
#include "tests/support/store_contract_erase.hpp"
#include "tests/support/store_contract_read.hpp"
