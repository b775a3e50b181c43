// Contract of every event store, second part: reads, subscriptions, positions of instants.
#pragma once

namespace factum::test {

TEST_CASE_TEMPLATE("a query gives its events in order, in both directions", Harness,
                   FACTUM_STORE_HARNESSES) {
  Harness harness;
  fill_example(harness);
  const auto read = [&](const Query& query, const ReadOptions& options = {}) {
    return read_positions(harness.store(), query, options);
  };
  CHECK(read({}) == "1 2 3 4 5 6 7 8 9 10");
  CHECK(read(query_of({}, {"customer:1"})) == "1 3 4 5 8 9");
  CHECK(read(query_of({}, {"customer:2"}), range(1, UINT64_MAX, true)) == "10 7 6 2");
  CHECK(read(query_of({"CallLogged"}, {"customer:1"})) == "3 5 8");
  CHECK(read(query_of({"DealWon", "DealOpened"}, {"customer:1"})) == "4 9");
  CHECK(read(query_of({"CallLogged", "DealWon", "CustomerCreated"}, {"customer:1"})) ==
        "1 3 5 8 9");
  CHECK(read(query_of({}, {"customer:1", "deal:9"})) == "4 8 9");
  CHECK(read(query_of({}, {"customer:2", "customer:3"})) == "10");
  CHECK(read(query_of({}, {"customer:1", "customer:2"})) == "");
  CHECK(read(query_of({"DealOpened"}, {})) == "4 7");
  CHECK(read(query_of({"DealOpened"}, {}), range(1, UINT64_MAX, true)) == "7 4");
  CHECK(read(query_of({"Unknown"}, {})) == "");
  CHECK(read(query_of({}, {"customer:12"})) == "");
  CHECK(read(query_of({}, {"customer:"})) == "");
  const Query either{{{{"DealWon"}, {}}, {{}, {"customer:2"}}, {{"CallLogged"}, {"deal:9"}}}};
  CHECK(read(either) == "2 6 7 8 9 10");
  const Query overlapping{{{{}, {"customer:1"}}, {{}, {"deal:9"}}, {{}, {"customer:1"}}}};
  CHECK(read(overlapping) == "1 3 4 5 8 9");
  CHECK(read(overlapping, range(1, UINT64_MAX, true)) == "9 8 5 4 3 1");
}

TEST_CASE_TEMPLATE("from, to and limit cut a read, whatever the query", Harness,
                   FACTUM_STORE_HARNESSES) {
  Harness harness;
  fill_example(harness);
  const auto read = [&](const Query& query, const ReadOptions& options) {
    return read_positions(harness.store(), query, options);
  };
  CHECK(read({}, range(3, 5)) == "3 4 5");
  CHECK(read({}, range(3, 5, true)) == "5 4 3");
  CHECK(read({}, range(0, 2)) == "1 2");
  CHECK(read({}, range(9, 100)) == "9 10");
  CHECK(read({}, range(11, 100)) == "");
  CHECK(read({}, range(5, 4)) == "");
  CHECK(read({}, range(1, 0)) == "");
  CHECK(read({}, range(2, 9, false, 3)) == "2 3 4");
  CHECK(read({}, range(2, 9, true, 3)) == "9 8 7");
  CHECK(read({}, range(2, 9, true, 0)) == "");
  const Query customer = query_of({}, {"customer:1"});
  CHECK(read(customer, range(3, 5)) == "3 4 5");
  CHECK(read(customer, range(4, 8, true)) == "8 5 4");
  CHECK(read(customer, range(2, 100, false, 2)) == "3 4");
  CHECK(read(customer, range(2, 8, true, 2)) == "8 5");
  CHECK(read(customer, range(6, 7)) == "");
  CHECK(read(customer, range(1, UINT64_MAX, true, 1)) == "9");
  const Query both = query_of({}, {"customer:1", "deal:9"});
  CHECK(read(both, range(5, 8)) == "8");
  CHECK(read(both, range(1, 8, true, 1)) == "8");
  CHECK(read(both, range(5, UINT64_MAX, true)) == "9 8");
  const Query calls = query_of({"CallLogged"}, {});
  CHECK(read(calls, range(4, 8)) == "5 6 8");
  CHECK(read(calls, range(4, UINT64_MAX, true, 2)) == "10 8");
}

TEST_CASE_TEMPLATE("a visit ends when its events are no longer wanted", Harness,
                   FACTUM_STORE_HARNESSES) {
  Harness harness;
  fill_example(harness);
  for (const Query& query : {Query{}, query_of({}, {"customer:1"}), query_of({"CallLogged"}, {})}) {
    const auto all = harness.store().read(query, {});
    REQUIRE(all);
    for (std::size_t wanted = 1; wanted <= all->size() + 1; ++wanted) {
      std::vector<RecordedEvent> seen;
      REQUIRE(harness.store().visit(query, {}, [&](RecordedEvent& event) {
        seen.push_back(std::move(event));  // what is left of it holds the next one
        return seen.size() < wanted;
      }));
      REQUIRE(seen.size() == std::min(wanted, all->size()));
      for (std::size_t i = 0; i < seen.size(); ++i) CHECK(seen[i].record == (*all)[i].record);
    }
  }
}

TEST_CASE_TEMPLATE("a read without slots leaves every ciphertext absent", Harness,
                   FACTUM_STORE_HARNESSES) {
  Harness harness;
  NewEvent event = test_event("A", {"t:1"});
  add_slot(event, "customer.personal", "secret");
  REQUIRE(step(harness, request_of({event, test_event("B", {"t:1"})})));
  ReadOptions options;
  options.with_slots = false;
  for (const Query& query : {Query{}, query_of({}, {"t:1"})}) {
    const auto bare = harness.store().read(query, options);
    REQUIRE(bare);
    REQUIRE(bare->front().ciphertexts.size() == 1);
    CHECK_FALSE(bare->front().ciphertexts[0]);
    const auto full = harness.store().read(query, {});
    REQUIRE(full);
    CHECK(full->front().ciphertexts[0] == "secret");
  }
}

TEST_CASE_TEMPLATE("a query beyond its limits is refused", Harness, FACTUM_STORE_HARNESSES) {
  Harness harness;
  const Query many_items{std::vector<QueryItem>(4097)};
  const Query many_tags = query_of({}, std::vector<std::string>(33, "t:1"));
  const Query many_types = query_of(std::vector<std::string>(257, "A"), {});
  for (const Query& query : {many_items, many_tags, many_types}) {
    CHECK(read_positions(harness.store(), query) == "limit_exceeded");
    CHECK(outcome_of(harness.store().subscribe(query, Position(0))) == "limit_exceeded");
  }
  CHECK(read_positions(harness.store(), query_of({}, {""})) == "invalid_argument");
}

TEST_CASE_TEMPLATE("the tree has every event, in order, whatever the batches", Harness,
                   FACTUM_STORE_HARNESSES) {
  Harness harness;
  CHECK(harness.store().tree_row(0, 0, 1).error().code == ErrorCode::not_found);
  std::vector<Digest> leaves;
  for (const std::size_t batch : {1U, 254U, 1U, 1U, 300U, 3U}) {
    std::vector<NewEvent> events;
    for (std::size_t i = 0; i < batch; ++i) events.push_back(test_event("A", {"tag:1"}));
    REQUIRE(step(harness, request_of(std::move(events))));
    const auto recorded = harness.store().read({}, {.from = Position(leaves.size() + 1)});
    REQUIRE(recorded);
    for (const RecordedEvent& event : *recorded)
      leaves.push_back(leaf_hash(tree_entry(event.position, event.recorded_at, event.event_hash)));
    const auto row = harness.store().tree_row(0, 0, leaves.size());
    REQUIRE(row);
    CHECK(*row == leaves);
    const ReadRow read = [&](std::uint8_t number, std::uint64_t first, std::size_t count) {
      return harness.store().tree_row(number, first, count);
    };
    CHECK(tree_root(read, leaves.size()) == merkle_root(leaves));
  }
  CHECK(harness.store().tree_row(1, 0, 2));
  CHECK(harness.store().tree_row(1, 0, 3).error().code == ErrorCode::not_found);
  CHECK(harness.store().tree_row(200, 0, 1).error().code == ErrorCode::not_found);
  CHECK(harness.store().tree_row(0, UINT64_MAX, 1).error().code == ErrorCode::not_found);
}

TEST_CASE_TEMPLATE("position_at gives the last position recorded at or before an instant", Harness,
                   FACTUM_STORE_HARNESSES) {
  Harness harness;
  const std::int64_t start = harness.clock().now().value();
  for (int i = 0; i < 5; ++i) {
    REQUIRE(step(harness, request_of({test_event("A", {"t:1"}), test_event("A", {"t:1"})})));
    harness.clock().advance(10);
  }
  const auto at = [&](std::int64_t offset) {
    return harness.store().position_at(Timestamp(start + offset)).value().value();
  };
  CHECK(at(-1) == 0);
  CHECK(at(0) == 2);
  CHECK(at(9) == 2);
  CHECK(at(10) == 4);
  CHECK(at(39) == 8);
  CHECK(at(40) == 10);
  CHECK(at(1'000'000) == 10);
}

TEST_CASE_TEMPLATE("a subscription gives the past, then what comes, each event once", Harness,
                   FACTUM_STORE_HARNESSES) {
  using std::chrono::milliseconds;
  Harness harness;
  fill_example(harness);
  auto opened = harness.store().subscribe(query_of({}, {"customer:1"}), Position(3));
  REQUIRE(opened);
  Subscription& subscription = **opened;
  const auto next = [&](std::size_t limit) {
    const auto events = subscription.next(limit, milliseconds(0));
    return events ? show_positions(*events) : outcome_of(events);
  };
  CHECK(next(0) == "");
  CHECK(next(2) == "4 5");
  CHECK(subscription.position() == Position(5));
  CHECK(next(10) == "8 9");
  CHECK(subscription.position() == Position(10));
  CHECK(next(10) == "");
  REQUIRE(append_and_wait(harness.store(), request_of({test_event("A", {"customer:2"})})));
  CHECK(next(10) == "");
  CHECK(subscription.position() == Position(11));

  auto waiting = std::async(std::launch::async, [&] {
    const auto events = subscription.next(10, milliseconds(60'000));
    return events ? show_positions(*events) : outcome_of(events);
  });
  REQUIRE(append_and_wait(harness.store(), request_of({test_event("A", {"customer:2"})})));
  REQUIRE(append_and_wait(harness.store(), request_of({test_event("A", {"customer:1"})})));
  CHECK(waiting.get() == "13");
}

TEST_CASE_TEMPLATE("stop wakes a waiting subscription for good", Harness, FACTUM_STORE_HARNESSES) {
  using std::chrono::milliseconds;
  Harness harness;
  auto opened = harness.store().subscribe({}, Position(0));
  REQUIRE(opened);
  auto waiting =
      std::async(std::launch::async, [&] { return (*opened)->next(10, milliseconds(60'000)); });
  (*opened)->stop();
  const auto events = waiting.get();
  REQUIRE(events);
  CHECK(events->empty());
  REQUIRE(append_and_wait(harness.store(), request_of({test_event("A", {"t:1"})})));
  CHECK((*opened)->next(10, milliseconds(0)).value().empty());
}

TEST_CASE_TEMPLATE("a subscription sees every event of concurrent writers once, in order", Harness,
                   FACTUM_STORE_HARNESSES) {
  Harness harness;
  constexpr std::uint64_t kPerWriter = 50;
  auto opened = harness.store().subscribe({}, Position(0));
  REQUIRE(opened);
  std::vector<std::thread> writers;
  for (int i = 0; i < 3; ++i) {
    writers.emplace_back([&] {
      for (std::uint64_t n = 0; n < kPerWriter; ++n) {
        const auto done = append_and_wait(harness.store(), request_of({test_event("A", {"t:1"})}));
        if (!done) return;
      }
    });
  }
  std::uint64_t seen = 0;
  bool in_order = true;
  while (seen < 3 * kPerWriter) {
    const auto events = (*opened)->next(7, std::chrono::milliseconds(60'000));
    REQUIRE(events);
    REQUIRE_FALSE(events->empty());
    for (const RecordedEvent& event : *events) in_order &= event.position == Position(++seen);
  }
  for (std::thread& writer : writers) writer.join();
  CHECK(in_order);
}

}  // namespace factum::test
