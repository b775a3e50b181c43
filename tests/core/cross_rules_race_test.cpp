// Every rule that spans entities, raced by two writers: the log never shows it broken.
#include "core/crm/catalog.hpp"
#include "core/crm/contact.hpp"
#include "core/crm/cross_rules.hpp"
#include "core/crm/customer.hpp"
#include "core/crm/deal.hpp"
#include "core/crm/order.hpp"
#include "core/crm/organisation.hpp"
#include "core/crm/pipeline.hpp"
#include "core/crm/product.hpp"
#include "eventstore/memory_event_store.hpp"
#include "eventstore/rocksdb_event_store.hpp"
#include "eventstore/system_sources.hpp"
#include "tests/support/command_runner.hpp"
#include "tests/support/interposed_store.hpp"
#include "tests/support/plain_sealer.hpp"
#include "tests/support/spec.hpp"
#include "tests/support/temp_dir.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <barrier>
#include <functional>
#include <set>
#include <thread>

namespace factum {
namespace {

using namespace test;
using namespace crm;

constexpr std::uint64_t kRaces = 1000;
constexpr std::uint64_t kIdsPerRace = 8;

/// A command that one writer sends.
struct Move {
  const CommandType* type;
  std::shared_ptr<AnyCommand> command;
};

template <class C>
Move move_of(C command) {
  return {&command_type<C>(), box_command(std::move(command))};
}

/// What must come out of two moves.
enum class Expected {
  one_winner,  ///< the first to be recorded refuses the other
  closes,      ///< `guard` always holds; `other` only if it was recorded before
  opens,       ///< `guard` always holds; `other` only if it was recorded after
};

/// Ids of one race.
class Ids {
 public:
  explicit Ids(std::uint64_t race) : first_(race * kIdsPerRace) {}
  template <class Id>
  Id make(std::uint64_t number) const {
    return id_of<Id>(first_ + number);
  }
  CustomerId firm() const { return make<CustomerId>(1); }
  CustomerId rival() const { return make<CustomerId>(2); }
  UserId user() const { return make<UserId>(3); }
  ProductId product() const { return make<ProductId>(4); }
  PipelineId pipeline() const { return make<PipelineId>(5); }
  std::string text() const { return "r" + std::to_string(first_); }

 private:
  std::uint64_t first_;
};

struct Race {
  Rule rule;
  Expected expected;
  std::function<std::vector<EventBox>(const Ids&)> given;
  std::function<Move(const Ids&)> guard;
  std::function<Move(const Ids&)> other;
};

// ---- what there is before a race

EventBox firm(const CustomerId& id) {
  CustomerRegistered event;
  event.customer = id;
  event.name = std::string("Firm");
  return EventBox::of(event);
}

EventBox user(const Ids& ids) {
  UserAdded event;
  event.user = ids.user();
  return EventBox::of(event);
}

EventBox product(const Ids& ids) {
  return EventBox::of(ProductCreated{ids.product(), "A", "Axe", {}, {}, {}});
}

EventBox pipeline(const Ids& ids) {
  return EventBox::of(
      PipelineDefined{ids.pipeline(), "Sales", {{"lead", "Lead", StageCategory::open, 10}}, {}});
}

// ---- moves

Move register_with(const CustomerId& id, std::vector<NewExternalId> ids,
                   std::vector<NewContactPoint> points) {
  RegisterCustomer command;
  command.id = id;
  command.kind = CustomerType::person;
  command.name = "Anna";
  command.external_ids = std::move(ids);
  command.contact_points = std::move(points);
  return move_of(std::move(command));
}

NewContactPoint email(const Ids& ids) {
  return {ContactPointKind::email, {}, ids.text() + "@x.de", {}};
}

Move create_contact(const ContactId& id, const Ids& ids) {
  CreateContact command;
  command.id = id;
  command.name = "Bea";
  command.contact_points = {email(ids)};
  return move_of(std::move(command));
}

Move link_contact(const Ids& ids) {
  CreateContact command;
  command.id = ids.make<ContactId>(6);
  command.name = "Bea";
  command.links = {{ids.firm(), ContactRole::buyer}};
  return move_of(std::move(command));
}

OpenDeal deal(const Ids& ids) {
  OpenDeal command;
  command.id = ids.make<DealId>(6);
  command.pipeline = ids.pipeline();
  return command;
}

PlaceOrder order(const OrderId& id, const std::string& number) {
  PlaceOrder command;
  command.id = id;
  command.number = number;
  command.lines = {{{}, "A", 1, "1.00", {100, "EUR"}}};
  command.total = {100, "EUR"};
  return command;
}

PlaceOrder order(const Ids& ids) { return order(ids.make<OrderId>(6), ids.text()); }

Move create_product(const ProductId& id, const Ids& ids) {
  CreateProduct command;
  command.id = id;
  command.sku = ids.text();
  command.name = "Axe";
  return move_of(std::move(command));
}

template <class C, class Change>
Move changed(C command, Change change) {
  change(command);
  return move_of(std::move(command));
}

// ---- the races

std::vector<Race> claim_races() {
  const auto nothing = [](const Ids&) { return std::vector<EventBox>{}; };
  return {
      {rules::kCustomerEmailTaken, Expected::one_winner, nothing,
       [](const Ids& ids) { return register_with(ids.firm(), {}, {email(ids)}); },
       [](const Ids& ids) { return register_with(ids.rival(), {}, {email(ids)}); }},
      {rules::kCustomerExternalIdTaken, Expected::one_winner, nothing,
       [](const Ids& ids) {
         return register_with(ids.firm(), {{"erp", ids.text()}}, {});
       },
       [](const Ids& ids) {
         return register_with(ids.rival(), {{"erp", ids.text()}}, {});
       }},
      {rules::kContactEmailTaken, Expected::one_winner, nothing,
       [](const Ids& ids) { return create_contact(ids.make<ContactId>(1), ids); },
       [](const Ids& ids) { return create_contact(ids.make<ContactId>(2), ids); }},
      {rules::kProductSkuTaken, Expected::one_winner, nothing,
       [](const Ids& ids) { return create_product(ids.make<ProductId>(1), ids); },
       [](const Ids& ids) { return create_product(ids.make<ProductId>(2), ids); }},
      {rules::kOrderNumberTaken, Expected::one_winner, nothing,
       [](const Ids& ids) { return move_of(order(ids.make<OrderId>(1), ids.text())); },
       [](const Ids& ids) { return move_of(order(ids.make<OrderId>(2), ids.text())); }},
      {rules::kCustomerParentCycle, Expected::one_winner,
       [](const Ids& ids) {
         return std::vector{firm(ids.firm()), firm(ids.rival())};
       },
       [](const Ids& ids) {
         return move_of(ChangeCustomerParent{{ids.firm()}, ids.rival()});
       },
       [](const Ids& ids) {
         return move_of(ChangeCustomerParent{{ids.rival()}, ids.firm()});
       }},
  };
}

std::vector<Race> customer_races() {
  const auto known = [](const Ids& ids) { return std::vector{firm(ids.firm()), pipeline(ids)}; };
  const auto unknown = [](const Ids& ids) { return std::vector{pipeline(ids)}; };
  const auto archive = [](const Ids& ids) { return move_of(ArchiveCustomer{{ids.firm()}, {}}); };
  const auto appear = [](const Ids& ids) { return register_with(ids.firm(), {}, {}); };
  const auto open_deal = [](const Ids& ids) {
    return changed(deal(ids), [&](OpenDeal& c) { c.customer = ids.firm(); });
  };
  const auto place_order = [](const Ids& ids) {
    return changed(order(ids), [&](PlaceOrder& c) { c.customer = ids.firm(); });
  };
  return {
      {rules::kContactArchivedCustomer, Expected::closes, known, archive, link_contact},
      {rules::kContactUnknownCustomer, Expected::opens, unknown, appear, link_contact},
      {rules::kDealArchivedCustomer, Expected::closes, known, archive, open_deal},
      {rules::kDealUnknownCustomer, Expected::opens, unknown, appear, open_deal},
      {rules::kOrderArchivedCustomer, Expected::closes, known, archive, place_order},
      {rules::kOrderUnknownCustomer, Expected::opens, unknown, appear, place_order},
  };
}

std::vector<Race> user_races() {
  const auto known = [](const Ids& ids) {
    return std::vector{user(ids), firm(ids.firm()), pipeline(ids)};
  };
  const auto unknown = [](const Ids& ids) { return std::vector{firm(ids.firm())}; };
  const auto leave = [](const Ids& ids) { return move_of(DeactivateUser{{ids.user()}}); };
  const auto assign = [](const Ids& ids) {
    return move_of(AssignCustomerOwner{{ids.firm()}, ids.user()});
  };
  const auto appear = [](const Ids& ids) {
    return move_of(AddUser{{{ids.user()}}, "Uma", {}, {}, {}, {}});
  };
  return {
      {rules::kCustomerInactiveOwner, Expected::closes, known, leave, assign},
      {rules::kCustomerUnknownOwner, Expected::opens, unknown, appear, assign},
      {rules::kTeamInactiveLead, Expected::closes, known, leave,
       [](const Ids& ids) {
         return move_of(DefineTeam{{{ids.make<TeamId>(6)}}, "Sales", ids.user(), {}});
       }},
      {rules::kDealInactiveOwner, Expected::closes, known, leave,
       [](const Ids& ids) {
         return changed(deal(ids), [&](OpenDeal& c) { c.owner = ids.user(); });
       }},
      {rules::kOrderInactiveOwner, Expected::closes, known, leave,
       [](const Ids& ids) {
         return changed(order(ids), [&](PlaceOrder& c) { c.owner = ids.user(); });
       }},
  };
}

std::vector<Race> catalogue_races() {
  const auto known = [](const Ids& ids) { return std::vector{product(ids), pipeline(ids)}; };
  const auto discontinue = [](const Ids& ids) {
    return move_of(DiscontinueProduct{{ids.product()}});
  };
  return {
      {rules::kDealRetiredPipeline, Expected::closes, known,
       [](const Ids& ids) { return move_of(RetirePipeline{{ids.pipeline()}}); },
       [](const Ids& ids) { return move_of(deal(ids)); }},
      {rules::kDealDiscontinuedProduct, Expected::closes, known, discontinue,
       [](const Ids& ids) {
         return changed(deal(ids), [&](OpenDeal& c) { c.lines = {{ids.product(), 1, {}}}; });
       }},
      {rules::kOrderDiscontinuedProduct, Expected::closes, known, discontinue,
       [](const Ids& ids) {
         return changed(order(ids), [&](PlaceOrder& c) { c.lines.at(0).product = ids.product(); });
       }},
  };
}

std::vector<Race> all_races() {
  std::vector<Race> all;
  for (auto part : {claim_races(), customer_races(), user_races(), catalogue_races()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

// ---- running them

// Two writers meet here: each has decided before either of them is recorded.
class MeetingStore final : public InterposedStore {
 public:
  using InterposedStore::InterposedStore;

  /// The calling thread will meet the other one, at its first append or when it leaves. `first`: it
  /// then goes ahead.
  static void enter(bool meets, bool first) { visit() = {!meets, first}; }
  void leave() {
    meet([] {});
  }
  void append(AppendRequest request, OnAppended on_done) override {
    meet([&] { pass_on(std::move(request), std::move(on_done)); });
  }

 private:
  struct Visit {
    bool has_met = true;
    bool first = false;
  };
  static Visit& visit() {
    thread_local Visit visit;
    return visit;
  }
  void meet(const std::function<void()>& append_now) {
    if (std::exchange(visit().has_met, true)) return append_now();
    barrier_.arrive_and_wait();
    if (visit().first) append_now();
    barrier_.arrive_and_wait();
    if (!visit().first) append_now();
  }

  std::barrier<> barrier_{2};
};

class Arena {
 public:
  explicit Arena(EventStore& store) : store_(store) {}

  void run(const std::vector<Race>& races, std::uint64_t rounds) {
    std::uint64_t next = 1;
    for (const Race& race : races) {
      CAPTURE(race.rule.name);
      prepare(race, next, rounds);
      const auto [guards, others] = run_both(race, next, rounds);
      for (std::uint64_t round = 0; round < rounds; ++round)
        check(race, guards[round], others[round]);
      next += rounds;
    }
  }

 private:
  using Outcomes = std::vector<Result<CommandOutcome>>;

  void prepare(const Race& race, std::uint64_t first, std::uint64_t rounds) {
    AppendRequest request;
    for (std::uint64_t round = 0; round < rounds; ++round) {
      for (const EventBox& event : race.given(Ids(first + round))) {
        EventOrigin origin;
        origin.event_id = ids_.next();
        origin.actor = "system";
        auto encoded = codec_.encode(event, std::move(origin));
        REQUIRE(encoded);
        request.events.push_back(std::move(*encoded));
      }
    }
    if (!request.events.empty()) REQUIRE(append_and_wait(store_, std::move(request)));
  }

  std::pair<Outcomes, Outcomes> run_both(const Race& race, std::uint64_t first,
                                         std::uint64_t rounds) {
    std::barrier start(2);
    const auto writer = [&](const std::function<Move(const Ids&)>& make, Outcomes& outcomes,
                            std::uint64_t parity) {
      for (std::uint64_t round = 0; round < rounds; ++round) {
        Move move = make(Ids(first + round));
        MeetingStore::enter(race.expected != Expected::opens, round % 2 == parity);
        start.arrive_and_wait();
        outcomes.push_back(run_command(bus_, *move.type, std::move(move.command)));
        store_.leave();
      }
    };
    Outcomes guards;
    Outcomes others;
    std::thread second([&] { writer(race.other, others, 1); });
    writer(race.guard, guards, 0);
    second.join();
    return {std::move(guards), std::move(others)};
  }

  static bool refused_by(const Result<CommandOutcome>& outcome, const Rule& rule) {
    return !outcome && outcome.error().rule == rule.name;
  }

  static void check(const Race& race, const Result<CommandOutcome>& guard,
                    const Result<CommandOutcome>& other) {
    if (!guard && !refused_by(guard, race.rule)) FAIL(guard.error().message);
    if (!other && !refused_by(other, race.rule)) FAIL(other.error().message);
    switch (race.expected) {
      case Expected::one_winner: CHECK(guard.has_value() != other.has_value()); break;
      case Expected::closes:
        REQUIRE(guard);
        if (other) CHECK(other->last < guard->first);
        break;
      case Expected::opens:
        REQUIRE(guard);
        if (other) CHECK(other->first > guard->last);
        break;
    }
  }

  MeetingStore store_;
  SystemClock clock_;
  UuidV7Source ids_{clock_};
  PlainSealer sealer_;
  EventCodec codec_{event_catalog(), sealer_};
  CommandBus bus_{store_, codec_, clock_, ids_};
};

}  // namespace

TEST_CASE("every rule that spans entities has a race") {
  std::set<std::string_view> raced;
  for (const Race& race : all_races()) CHECK(raced.insert(race.rule.name).second);
  std::set<std::string_view> registered;
  for (const CrossRule& rule : cross_rules()) CHECK(registered.insert(rule.rule.name).second);
  CHECK(raced == registered);
}

TEST_CASE("no rule that spans entities is broken by two writers, in memory") {
  SystemClock clock;
  const auto store = make_memory_event_store(clock);
  Arena(*store).run(all_races(), kRaces / 10);
}

TEST_SUITE("slow") {
  TEST_CASE("no rule that spans entities is broken in a thousand races, in memory") {
    SystemClock clock;
    const auto store = make_memory_event_store(clock);
    Arena(*store).run(all_races(), kRaces);
  }

  TEST_CASE("no rule that spans entities is broken in a thousand races, on disk") {
    const TempDir folder;
    SystemClock clock;
    EventStoreOptions options;
    options.directory = folder.path() / "log";
    options.clock = &clock;
    auto store = open_rocksdb_event_store(std::move(options));
    REQUIRE(store);
    Arena(**store).run(all_races(), kRaces);
  }
}

}  // namespace factum
