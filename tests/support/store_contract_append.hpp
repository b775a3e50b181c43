// Contract of every event store, first part: appends, conditions, claims, idempotency, limits.
#pragma once

namespace factum::test {

TEST_CASE_TEMPLATE("an empty log has head 0 and gives nothing", Harness, FACTUM_STORE_HARNESSES) {
  Harness harness;
  CHECK(harness.store().head() == Position(0));
  CHECK(read_positions(harness.store(), {}) == "");
  CHECK(harness.store().position_at(Timestamp(INT64_MAX)) == Position(0));
  CHECK(harness.store().health().writable);
  CHECK_FALSE(harness.store().log_id().is_nil());
}

TEST_CASE_TEMPLATE("appended events get dense positions, in order, and come back as they were",
                   Harness, FACTUM_STORE_HARNESSES) {
  Harness harness;
  NewEvent first = test_event("CustomerCreated", {"customer:1"}, R"({"kind":"person"})");
  first.record.occurred_at = Timestamp(-5);
  first.record.source = Source::import;
  first.record.broken_rules = {"deal.closed_before_opened"};
  first.record.on_behalf_of = "user:2";
  NewEvent second = test_event("CallLogged", {"customer:1", "deal:2"});
  add_slot(second, "customer.personal", "sealed bytes");
  add_slot(second, "customer.sensitive", std::string("\0more", 5));

  const auto appended = step(harness, request_of({first, second}));
  REQUIRE(appended);
  CHECK(appended->first == Position(1));
  CHECK(appended->last == Position(2));
  CHECK_FALSE(appended->replayed);
  CHECK(harness.store().head() == Position(2));

  const auto events = harness.store().read({}, {});
  REQUIRE(events);
  REQUIRE(events->size() == 2);
  CHECK((*events)[0].record == first.record);
  CHECK((*events)[1].record == second.record);
  CHECK((*events)[0].recorded_at == harness.clock().now());
  CHECK((*events)[0].event_hash != (*events)[1].event_hash);
  REQUIRE((*events)[1].ciphertexts.size() == 2);
  CHECK((*events)[1].ciphertexts[0] == "sealed bytes");
  CHECK((*events)[1].ciphertexts[1] == std::string("\0more", 5));
}

TEST_CASE_TEMPLATE("recorded time never goes backwards", Harness, FACTUM_STORE_HARNESSES) {
  Harness harness;
  const Timestamp start = harness.clock().now();
  REQUIRE(step(harness, "A", {"t:1"}));
  harness.clock().advance(-1'000'000);
  REQUIRE(step(harness, "A", {"t:1"}));
  harness.clock().advance(3'000'000);
  REQUIRE(step(harness, "A", {"t:1"}));
  const auto events = harness.store().read({}, {});
  REQUIRE(events);
  CHECK((*events)[1].recorded_at == start);
  CHECK((*events)[2].recorded_at == harness.clock().now());
}

TEST_CASE_TEMPLATE("a condition refuses exactly when a matching event is newer than `after`",
                   Harness, FACTUM_STORE_HARNESSES) {
  Harness harness;
  fill_example(harness);
  const auto attempt = [&](const Query& query, std::uint64_t after) {
    AppendRequest request = request_of({test_event("Probe", {"probe:1"})});
    request.condition = AppendCondition{query, Position(after)};
    const auto result = step(harness, std::move(request));
    if (result) return std::string("ok");
    return outcome_of(result) + " " + std::to_string(result.error().position);
  };
  CHECK(attempt(query_of({"CustomerCreated"}, {"customer:1"}), 0) == "condition_failed 1");
  CHECK(attempt(query_of({"CustomerCreated"}, {"customer:1"}), 1) == "ok");
  CHECK(attempt(query_of({}, {"deal:9"}), 8) == "condition_failed 9");
  CHECK(attempt(query_of({}, {"deal:9"}), 9) == "ok");
  CHECK(attempt(query_of({}, {"customer:1", "deal:9"}), 3) == "condition_failed 9");
  CHECK(attempt(query_of({}, {"customer:1", "customer:2"}), 0) == "ok");
  CHECK(attempt(query_of({"CallLogged"}, {"deal:10"}), 0) == "ok");
  CHECK(attempt(query_of({"DealOpened", "DealWon"}, {"deal:9"}), 3) == "condition_failed 9");
  CHECK(attempt(query_of({"DealOpened"}, {}), 0) == "condition_failed 7");
  CHECK(attempt(query_of({"DealOpened"}, {}), 7) == "ok");
  CHECK(attempt(query_of({"NeverSeen"}, {}), 0) == "ok");
  CHECK(attempt(query_of({}, {"customer:404"}), 0) == "ok");
  const Query either{{{{"DealWon"}, {"deal:10"}}, {{}, {"customer:3"}}}};
  CHECK(attempt(either, 9) == "condition_failed 10");
  CHECK(attempt(either, 10) == "ok");
  const std::uint64_t head = harness.store().head().value();
  CHECK(attempt({}, head - 1) == "condition_failed " + std::to_string(head));
  CHECK(attempt({}, head) == "ok");
}

TEST_CASE_TEMPLATE("a refused append leaves no trace", Harness, FACTUM_STORE_HARNESSES) {
  Harness harness;
  REQUIRE(step(harness, "A", {"t:1"}));
  AppendRequest request = request_of({test_event("B", {"t:1"})});
  request.condition = AppendCondition{query_of({}, {"t:1"}), Position(0)};
  request.claims = {claim_of(Claim::Action::take, 1, "t:1")};
  request.idempotency = Idempotency{digest_of(1), digest_of(2), "x"};
  CHECK(outcome_of(step(harness, request)) == "condition_failed");
  CHECK(harness.store().head() == Position(1));
  CHECK(holder_of(harness, 1) == "nobody");
  CHECK(harness.store().find_outcome(digest_of(1)).value() == std::nullopt);
  request.condition->after = Position(1);
  CHECK(outcome_of(step(harness, request)) == "ok");
  CHECK(harness.store().head() == Position(2));
}

TEST_CASE_TEMPLATE("a claim is taken, kept, moved and released", Harness, FACTUM_STORE_HARNESSES) {
  Harness harness;
  using enum Claim::Action;
  REQUIRE(claim_step(harness, {claim_of(take, 1, "customer:1", "p")}));
  CHECK(holder_of(harness, 1) == "customer:1/p");

  const auto refused = claim_step(harness, {claim_of(take, 1, "customer:2")});
  CHECK(outcome_of(refused) == "claim_taken");
  CHECK(refused.error().position == 1);
  CHECK(harness.store().head() == Position(1));

  REQUIRE(claim_step(harness, {claim_of(take, 1, "customer:1", "new payload")}));
  CHECK(holder_of(harness, 1) == "customer:1/new payload");
  REQUIRE(claim_step(harness, {claim_of(move, 1, "customer:2", "q")}));
  CHECK(holder_of(harness, 1) == "customer:2/q");
  CHECK(outcome_of(claim_step(harness, {claim_of(move, 2, "customer:2")})) == "claim_taken");
  REQUIRE(claim_step(harness, {claim_of(release, 1, "customer:1")}));
  CHECK(holder_of(harness, 1) == "customer:2/q");
  REQUIRE(claim_step(harness, {claim_of(release, 1, "customer:2")}));
  CHECK(holder_of(harness, 1) == "nobody");
  REQUIRE(claim_step(harness, {claim_of(take, 1, "customer:3")}));
  CHECK(holder_of(harness, 1) == "customer:3/");
}

TEST_CASE_TEMPLATE("claims of one append see each other, and one refusal refuses all", Harness,
                   FACTUM_STORE_HARNESSES) {
  Harness harness;
  using enum Claim::Action;
  REQUIRE(claim_step(harness, {claim_of(take, 1, "customer:1"), claim_of(release, 1, "customer:1"),
                               claim_of(take, 1, "customer:2")}));
  CHECK(holder_of(harness, 1) == "customer:2/");
  CHECK(outcome_of(claim_step(harness, {claim_of(take, 3, "customer:1"),
                                        claim_of(take, 1, "customer:1")})) == "claim_taken");
  CHECK(holder_of(harness, 3) == "nobody");
}

TEST_CASE_TEMPLATE("claims of different namespaces do not meet", Harness, FACTUM_STORE_HARNESSES) {
  Harness harness;
  Claim other = claim_of(Claim::Action::take, 1, "customer:1");
  other.space = "customer.phone";
  REQUIRE(claim_step(harness, {other}));
  REQUIRE(claim_step(harness, {claim_of(Claim::Action::take, 1, "customer:2")}));
  CHECK(holder_of(harness, 1) == "customer:2/");
  const auto record = harness.store().find_claim("customer.phone", digest_of(1));
  REQUIRE(record);
  CHECK((*record)->holder == "customer:1");
  CHECK((*record)->position == Position(1));
}

TEST_CASE_TEMPLATE("the same idempotency key gives the first outcome and no second event", Harness,
                   FACTUM_STORE_HARNESSES) {
  Harness harness;
  REQUIRE(step(harness, "A", {"t:1"}));
  AppendRequest request = request_of({test_event("B", {"t:1"}), test_event("B", {"t:1"})});
  request.condition = AppendCondition{query_of({}, {"t:1"}), Position(1)};
  request.claims = {claim_of(Claim::Action::take, 1, "t:1")};
  request.idempotency = Idempotency{digest_of(1), digest_of(2), "first answer"};
  const auto first = step(harness, request);
  REQUIRE(first);
  CHECK_FALSE(first->replayed);
  CHECK(first->outcome == "first answer");

  request.idempotency->outcome = "second answer";
  const auto again = step(harness, request);
  REQUIRE(again);
  CHECK(again->replayed);
  CHECK(again->first == Position(2));
  CHECK(again->last == Position(3));
  CHECK(again->outcome == "first answer");
  CHECK(harness.store().head() == Position(3));

  const auto stored = harness.store().find_outcome(digest_of(1));
  REQUIRE(stored);
  REQUIRE(*stored);
  CHECK((*stored)->request == digest_of(2));
  CHECK((*stored)->outcome == "first answer");
  CHECK((*stored)->last == Position(3));
}

TEST_CASE_TEMPLATE("an idempotency key used with another request is refused", Harness,
                   FACTUM_STORE_HARNESSES) {
  Harness harness;
  AppendRequest request = request_of({test_event("A", {"t:1"})});
  request.idempotency = Idempotency{digest_of(1), digest_of(2), ""};
  REQUIRE(step(harness, request));
  request.idempotency->request = digest_of(3);
  CHECK(outcome_of(step(harness, request)) == "idempotency_mismatch");
  CHECK(harness.store().head() == Position(1));
}

TEST_CASE_TEMPLATE("what breaks a limit or the grammar is refused before it is queued", Harness,
                   FACTUM_STORE_HARNESSES) {
  Harness harness;
  const auto attempt = [&](AppendRequest request) {
    return outcome_of(append_and_wait(harness.store(), std::move(request)));
  };
  const auto with = [&](auto change) {
    NewEvent event = test_event("A", {"t:1"});
    change(event);
    return attempt(request_of({event}));
  };
  CHECK(attempt({}) == "invalid_argument");
  CHECK(attempt(request_of(std::vector<NewEvent>(4097, test_event("A", {"t:1"})))) ==
        "limit_exceeded");
  CHECK(with([](NewEvent& e) { e.record.tags = {}; }) == "invalid_argument");
  CHECK(with([](NewEvent& e) { e.record.tags = {"t:2", "t:1"}; }) == "invalid_argument");
  CHECK(with([](NewEvent& e) { e.record.tags = {"t:1", "t:1"}; }) == "invalid_argument");
  CHECK(with([](NewEvent& e) { e.record.tags = {"no colon"}; }) == "invalid_argument");
  CHECK(with([](NewEvent& e) { e.record.type = ""; }) == "invalid_argument");
  CHECK(with([](NewEvent& e) { e.record.data = std::string((1 << 20) + 1, ' '); }) ==
        "limit_exceeded");
  AppendRequest claims = request_of({test_event("A", {"t:1"})});
  claims.claims = {claim_of(Claim::Action::take, 1, "t:1", std::string(16'385, 'x'))};
  CHECK(attempt(claims) == "limit_exceeded");
  claims.claims = {claim_of(Claim::Action::take, 1, "")};
  CHECK(attempt(claims) == "invalid_argument");
  AppendRequest condition = request_of({test_event("A", {"t:1"})});
  condition.condition = AppendCondition{query_of({}, {""}), Position(0)};
  CHECK(attempt(condition) == "invalid_argument");
  CHECK(harness.store().head() == Position(0));
}

TEST_CASE_TEMPLATE("of concurrent appends under one condition exactly one wins", Harness,
                   FACTUM_STORE_HARNESSES) {
  Harness harness;
  for (std::uint64_t round = 0; round < 20; ++round) {
    AppendRequest request = request_of({test_event("Decided", {"rule:1"})});
    request.condition = AppendCondition{query_of({"Decided"}, {"rule:1"}), Position(round)};
    std::atomic<int> won{0};
    std::atomic<int> lost{0};
    std::vector<std::thread> writers;
    for (int i = 0; i < 4; ++i) {
      writers.emplace_back([&] {
        const auto result = append_and_wait(harness.store(), request);
        if (result) ++won;
        if (outcome_of(result) == "condition_failed") ++lost;
      });
    }
    for (std::thread& writer : writers) writer.join();
    CHECK(won == 1);
    CHECK(lost == 3);
  }
}

TEST_CASE_TEMPLATE("of many appends in flight for one claim exactly one wins", Harness,
                   FACTUM_STORE_HARNESSES) {
  Harness harness;
  constexpr int kWriters = 32;
  std::atomic<int> won{0};
  std::atomic<int> lost{0};
  std::atomic<int> replayed{0};
  std::vector<std::future<void>> done;
  for (int i = 0; i < kWriters; ++i) {
    AppendRequest request = request_of({test_event("Taken", {"t:" + std::to_string(i)})});
    request.claims = {claim_of(Claim::Action::take, 1, "t:" + std::to_string(i))};
    request.idempotency = Idempotency{digest_of(static_cast<std::uint8_t>(i / 2)), {}, ""};
    const auto promise = std::make_shared<std::promise<void>>();
    done.push_back(promise->get_future());
    harness.store().append(std::move(request), [&, promise](Result<AppendResult> result) {
      if (!result) {
        ++lost;
      } else if (result->replayed) {
        ++replayed;
      } else {
        ++won;
      }
      promise->set_value();
    });
  }
  for (auto& future : done) future.get();
  CHECK(won == 1);
  CHECK(replayed == 1);
  CHECK(lost == kWriters - 2);
  CHECK(harness.store().head() == Position(1));
}

}  // namespace factum::test
