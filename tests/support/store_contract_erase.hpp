// Contract of every event store, third part: the fence, and what an erasure removes.
#pragma once

namespace factum::test {

inline NewEvent sealed_event(std::vector<std::string> tags, std::vector<Uuid> keys,
                             const std::string& ciphertext) {
  NewEvent event = test_event("NoteTaken", std::move(tags));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    add_slot(event, "s" + std::to_string(i) + ".personal", ciphertext + std::to_string(i));
    event.record.slots.back().key_id = keys[i];
  }
  return event;
}

inline AppendRequest fence_of(std::vector<Uuid> keys) {
  AppendRequest request = request_of({test_event("ErasureStarted", {"customer:1"})});
  request.fenced_keys = std::move(keys);
  return request;
}

// The ciphertexts of all events, "-" where one is absent.
inline std::string show_ciphertexts(const EventStore& store) {
  const auto events = store.read({}, {});
  REQUIRE(events);
  std::string shown;
  for (const RecordedEvent& event : *events) {
    shown += std::to_string(event.position.value()) + ":";
    for (const auto& ciphertext : event.ciphertexts) shown += ciphertext.value_or("-") + ",";
    shown += " ";
  }
  return shown;
}

TEST_CASE_TEMPLATE("nothing is recorded under a fenced key, whatever else is appended with it",
                   Harness, FACTUM_STORE_HARNESSES) {
  Harness harness;
  const Uuid fenced = test_id(1);
  const Uuid other = test_id(2);
  const auto attempt = [&](std::vector<NewEvent> events) {
    const auto result = step(harness, request_of(std::move(events)));
    return result ? std::string("ok")
                  : outcome_of(result) + " " + std::to_string(result.error().position);
  };
  CHECK(attempt({sealed_event({"customer:1"}, {fenced}, "a")}) == "ok");
  REQUIRE(step(harness, fence_of({fenced})));
  CHECK(attempt({sealed_event({"customer:1"}, {fenced}, "b")}) == "erased 2");
  CHECK(attempt({sealed_event({"customer:1"}, {other, fenced}, "b")}) == "erased 2");
  CHECK(attempt({test_event("A", {"t:1"}), sealed_event({"customer:1"}, {fenced}, "b")}) ==
        "erased 2");
  CHECK(attempt({sealed_event({"customer:1"}, {other}, "b")}) == "ok");
  // Fenced again it stays where it was; a fence counts for its own append too.
  REQUIRE(step(harness, fence_of({fenced, other})));
  CHECK(attempt({sealed_event({"customer:1"}, {fenced}, "c")}) == "erased 2");
  CHECK(attempt({sealed_event({"customer:1"}, {other}, "c")}) == "erased 4");
  AppendRequest own = fence_of({test_id(3)});
  own.events.push_back(sealed_event({"customer:1"}, {test_id(3)}, "c"));
  CHECK(outcome_of(step(harness, std::move(own))) == "erased");
  CHECK(attempt({sealed_event({"customer:1"}, {test_id(3)}, "c")}) == "ok");
}

TEST_CASE_TEMPLATE("a refused append fences nothing", Harness, FACTUM_STORE_HARNESSES) {
  Harness harness;
  REQUIRE(step(harness, "A", {"t:1"}));
  AppendRequest refused = fence_of({test_id(1)});
  refused.condition = AppendCondition{query_of({}, {"t:1"}), Position(0)};
  CHECK(outcome_of(step(harness, std::move(refused))) == "condition_failed");
  CHECK(step(harness, request_of({sealed_event({"t:1"}, {test_id(1)}, "a")})));
}

TEST_CASE_TEMPLATE("erasing removes ciphertexts and claims of the subjects and no hash", Harness,
                   FACTUM_STORE_HARNESSES) {
  Harness harness;
  const Uuid gone = test_id(1);
  const Uuid stays = test_id(2);
  REQUIRE(step(harness, request_of({sealed_event({"customer:1", "customer:2"}, {gone, stays}, "a"),
                                    sealed_event({"customer:2"}, {stays}, "b")})));
  REQUIRE(step(harness, request_of({sealed_event({"customer:1"}, {gone, gone}, "c")})));
  const auto take = [&](std::uint8_t key, const char* holder) {
    return claim_step(harness, {claim_of(Claim::Action::take, key, holder, "payload")});
  };
  REQUIRE(take(1, "customer:1"));
  REQUIRE(take(2, "customer:2"));
  REQUIRE(take(3, "customer:1"));
  // Former holders count as well.
  REQUIRE(claim_step(harness, {claim_of(Claim::Action::move, 3, "customer:2")}));
  const auto leaves = harness.store().tree_row(0, 0, 7);
  REQUIRE(leaves);

  const ErasedSubjects erased{{"customer:1"}, {gone}};
  CHECK(harness.store().fenced_keys().value().empty());
  CHECK(outcome_of(harness.store().erase(erased, {})) == "invalid_argument");
  REQUIRE(step(harness, fence_of({gone})));
  CHECK(harness.store().fenced_keys().value() ==
        std::unordered_map<Uuid, Position>{{gone, Position(8)}});
  const auto rows = harness.store().erase(erased, {});
  REQUIRE(rows);
  CHECK(rows->ciphertexts == std::map<Uuid, std::uint64_t>{{gone, 3}});
  CHECK(rows->claims >= 1);
  harness.between_steps();
  CHECK(show_ciphertexts(harness.store()) == "1:-,a1, 2:b0, 3:-,-, 4: 5: 6: 7: 8: ");
  CHECK(holder_of(harness, 1) == "nobody");
  CHECK(holder_of(harness, 2) == "customer:2/payload");
  CHECK(holder_of(harness, 3) == "customer:2/");
  CHECK(harness.store().tree_row(0, 0, 7).value() == *leaves);
  const auto again = harness.store().erase(erased, {});
  REQUIRE(again);
  CHECK(again->ciphertexts == rows->ciphertexts);
  CHECK(again->claims == 0);
  CHECK(take(1, "customer:3"));
}

TEST_CASE_TEMPLATE("appends and reads go on while data is erased", Harness,
                   FACTUM_STORE_HARNESSES) {
  Harness harness;
  constexpr std::uint64_t kSubjects = 20;
  for (std::uint64_t i = 0; i < kSubjects; ++i) {
    const std::string tag = "customer:" + std::to_string(i);
    REQUIRE(step(harness, request_of({sealed_event({tag}, {test_id(100 + i)}, "x")})));
  }
  EventStore& store = harness.store();
  std::atomic<bool> ends{false};
  std::atomic<int> failed{0};
  std::thread writer([&] {
    while (!ends) {
      if (!append_and_wait(store, request_of({sealed_event({"customer:99"}, {test_id(99)}, "y")})))
        ++failed;
    }
  });
  std::thread reader([&] {
    while (!ends) {
      if (!store.read({}, range(1, kSubjects))) ++failed;
    }
  });
  for (std::uint64_t i = 0; i < kSubjects; i += 5) {
    ErasedSubjects erased;
    for (std::uint64_t j = i; j < i + 5; ++j) {
      erased.holders.push_back("customer:" + std::to_string(j));
      erased.keys.push_back(test_id(100 + j));
    }
    CHECK(append_and_wait(store, fence_of(erased.keys)));
    const auto rows = store.erase(erased, {});
    REQUIRE(rows);
    CHECK(rows->ciphertexts.size() == 5);
  }
  ends = true;
  writer.join();
  reader.join();
  CHECK(failed == 0);
}

}  // namespace factum::test
