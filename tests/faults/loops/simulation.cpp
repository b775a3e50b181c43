#include "tests/faults/loops/simulation.hpp"

#include "core/crm/catalog.hpp"
#include "core/crm/customer.hpp"
#include "core/es/command_bus.hpp"
#include "eventstore/memory_event_store.hpp"
#include "eventstore/system_sources.hpp"
#include "projections/decoded_batch.hpp"
#include "projections/memory_view_store.hpp"
#include "projections/registry.hpp"
#include "projections/view_fold.hpp"
#include "tests/faults/loops/unreliable_store.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/plain_sealer.hpp"
#include "tests/support/store_helpers.hpp"

#include <memory>
#include <set>
#include <utility>

namespace factum::test {
namespace {

constexpr std::uint64_t kClients = 6;
constexpr std::uint64_t kCommandsPerClient = 12;
constexpr std::uint64_t kRetryWithin = 40;
constexpr std::uint64_t kDecideWithin = 5;

using Box = std::shared_ptr<AnyCommand>;

// A command that a client wants done, and how that ended.
struct Wish {
  const CommandType* type = nullptr;
  std::function<Box()> make;
  std::string key;
  std::optional<Result<CommandOutcome>> outcome;
  std::uint64_t sent = 0;
};

bool is_final(const Result<CommandOutcome>& outcome) {
  if (outcome) return true;
  const ErrorCode code = outcome.error().code;
  return code != ErrorCode::outcome_unknown && code != ErrorCode::unavailable &&
         code != ErrorCode::overloaded;
}

// Sees the log through a query, in portions, and remembers what it saw.
struct Follower {
  Query query;
  Position after;
  std::unique_ptr<Subscription> subscription;
  std::vector<Position> seen;

  void look(std::size_t limit) {
    const auto events = subscription->next(limit, std::chrono::milliseconds(0));
    require(events.has_value(), "a subscription goes on");
    for (const RecordedEvent& event : *events) seen.push_back(event.position);
  }
};

// A registered view that is now and then thrown out of memory and goes on from its rows.
class FollowingView {
 public:
  FollowingView(projections::View view, const EventStore& store, EventCodec& codec, Sealer& sealer)
      : view_(std::move(view)), store_(store), codec_(codec), sealer_(sealer) {
    start();
  }

  void restart() {
    fold_.reset();
    start();
  }

  void follow() {
    const auto batch = reader_->next(std::chrono::milliseconds(0));
    require(batch.has_value(), "a view reads the log");
    if (*batch == nullptr) return;
    const auto failure = fold_->apply(**batch);
    require(!failure, "a view folds every event: " + view_.projection.name());
  }

  void finish() {
    while (fold_->position() < store_.head()) follow();
  }

  std::map<std::string, std::string> rows() const {
    std::map<std::string, std::string> rows;
    const auto read = rows_->snapshot()->scan({}, [&](std::string_view key, std::string_view row) {
      rows.emplace(key, row);
      return true;
    });
    require(read.has_value(), "rows can be read");
    return rows;
  }

 private:
  void start() {
    fold_ = std::make_unique<projections::ViewFold>(view_.projection, rows_, sealer_);
    subscription_ = store_.subscribe({}, fold_->position()).value();
    projections::DecodePlan plan;
    plan.add(view_.projection, codec_);
    reader_ = std::make_unique<projections::BatchReader>(*subscription_, codec_, plan, 7);
  }

  const projections::View view_;
  const EventStore& store_;
  EventCodec& codec_;
  Sealer& sealer_;
  std::shared_ptr<ViewKeyspace> rows_ = projections::make_memory_keyspace();
  std::unique_ptr<projections::ViewFold> fold_;
  std::unique_ptr<Subscription> subscription_;
  std::unique_ptr<projections::BatchReader> reader_;
};

class History {
 public:
  explicit History(std::uint64_t seed) : random_(seed) {}

  void step() {
    for (std::uint64_t i = 0; i < kClients; ++i) wish_next(kCommandsPerClient);
    start_readers();
    while (schedule_.step()) look_around();
    check_commands();
    check_followers();
    check_views();
  }

  Counts finish() {
    Counts counts = store_.counts();
    add(counts, counts_);
    counts["events"] = memory_->head().value();
    return counts;
  }

 private:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

  // One client: its next wish, then the one after that.
  void wish_next(std::uint64_t left) {
    if (left == 0) return;
    const auto wish = std::make_shared<Wish>();
    wishes_.push_back(wish);
    wish->key = "key " + std::to_string(wishes_.size());
    if (customers_.empty() || below(3) == 0) {
      wish->type = &command_type<crm::RegisterCustomer>();
      wish->make = register_customer(below(12));
    } else {
      const crm::CustomerId customer = customers_[below(customers_.size())];
      wish->type = &command_type<crm::ApplyTag>();
      wish->make = apply_tag(customer, "tag " + std::to_string(below(5)));
    }
    send(wish, left);
  }

  static std::function<Box()> register_customer(std::uint64_t external_id) {
    return [external_id] {
      crm::RegisterCustomer command;
      command.kind = crm::CustomerType::person;
      command.name = "Somebody";
      command.external_ids = {{"erp", std::to_string(external_id)}};
      return Box(box_command(std::move(command)));
    };
  }

  static std::function<Box()> apply_tag(crm::CustomerId customer, const std::string& tag) {
    return [customer, tag] { return Box(box_command(crm::ApplyTag{{customer}, tag})); };
  }

  void send(const std::shared_ptr<Wish>& wish, std::uint64_t left) {
    ++wish->sent;
    clock_.advance(1000);
    CommandMeta meta;
    meta.idempotency_key = wish->key;
    meta.request_fingerprint = wish->key;
    const auto post = [this](std::function<void()> task) {
      schedule_.soon(std::move(task), kDecideWithin);
    };
    bus_.execute(*wish->type, wish->make(), meta, post,
                 [this, wish, left](Result<CommandOutcome> outcome) {
                   take(wish, std::move(outcome), left);
                 });
  }

  void take(const std::shared_ptr<Wish>& wish, Result<CommandOutcome> outcome, std::uint64_t left) {
    if (!is_final(outcome)) {
      ++counts_["commands sent again"];
      schedule_.soon([this, wish, left] { send(wish, left); }, kRetryWithin);
      return;
    }
    require(!wish->outcome, "a command is answered once");
    ++counts_[outcome ? (outcome->replayed ? "commands answered from memory" : "commands done")
                      : "commands refused: " + std::string(to_string(outcome.error().code))];
    if (outcome && wish->type->creates) customers_.push_back(crm::CustomerId{outcome->id});
    wish->outcome = std::move(outcome);
    schedule_.soon([this, left] { wish_next(left - 1); }, kRetryWithin);
  }

  void start_readers() {
    for (projections::View& view : projections::all_views()) {
      const std::string& name = view.projection.name();
      if (name != "directory" && name != "timeline") continue;
      views_.push_back(std::make_unique<FollowingView>(std::move(view), *memory_, codec_, sealer_));
    }
    require(views_.size() == 2, "the views that are followed exist");
    add_follower({});
  }

  void add_follower(Query query) {
    Follower follower;
    follower.query = query;
    follower.after = Position(below(memory_->head().value() + 1));
    follower.subscription = memory_->subscribe(std::move(query), follower.after).value();
    followers_.push_back(std::move(follower));
  }

  // Between two tasks: somebody reads a little, somebody starts anew.
  void look_around() {
    Follower& follower = followers_[below(followers_.size())];
    if (below(3) == 0) follower.look(below(5) + 1);
    FollowingView& view = *views_[below(views_.size())];
    if (below(6) == 0) view.follow();
    if (below(60) == 0) view.restart();
    if (below(80) != 0 || customers_.empty() || followers_.size() >= 8) return;
    const crm::CustomerId customer = customers_[below(customers_.size())];
    add_follower(below(2) == 0 ? query_of({}, {customer.tag()})
                               : query_of({"CustomerRegistered"}, {}));
  }

  // Every event belongs to one command that succeeded, and the other way round.
  void check_commands() {
    std::set<std::uint64_t> positions;
    for (const auto& wish : wishes_) {
      require(wish->outcome.has_value(), "every command is answered in the end");
      if (!*wish->outcome || (*wish->outcome)->first == Position(0)) continue;
      for (std::uint64_t p = (*wish->outcome)->first.value(); p <= (*wish->outcome)->last.value();
           ++p)
        require(positions.insert(p).second, "an event belongs to one command");
    }
    require(positions.size() == memory_->head().value() &&
                (positions.empty() || *positions.rbegin() == positions.size()),
            "no command is there twice, and none that was not acknowledged in the end");
    counts_["commands"] += wishes_.size();
  }

  void check_followers() {
    const auto events = read_all(*memory_);
    for (Follower& follower : followers_) {
      while (follower.subscription->position() < memory_->head()) follower.look(3);
      std::vector<Position> expected;
      for (const RecordedEvent& event : events)
        if (event.position > follower.after && follower.query.matches(event.record))
          expected.push_back(event.position);
      require(follower.seen == expected, "a subscription sees every event once, in order");
      counts_["events seen by subscriptions"] += expected.size();
    }
  }

  void check_views() {
    for (projections::View& view : projections::all_views()) {
      for (std::size_t i = 0; i < views_.size(); ++i) {
        if (view.projection.name() != (i == 0 ? "directory" : "timeline")) continue;
        views_[i]->finish();
        const projections::View again{view.projection, view.related, view.readable_since};
        FollowingView whole(again, *memory_, codec_, sealer_);
        whole.finish();
        require(views_[i]->rows() == whole.rows() && !whole.rows().empty(),
                "a view is the fold of the log: " + again.projection.name());
      }
    }
  }

  std::mt19937_64 random_;
  Schedule schedule_{random_};
  ManualClock clock_;
  UuidV7Source ids_{clock_};
  std::unique_ptr<EventStore> memory_ = make_memory_event_store(clock_);
  UnreliableStore store_{*memory_, schedule_, random_, random_() % 60};
  PlainSealer sealer_;
  EventCodec codec_{crm::event_catalog(), sealer_};
  CommandBus bus_{store_, codec_, clock_, ids_};
  std::vector<std::shared_ptr<Wish>> wishes_;
  std::vector<crm::CustomerId> customers_;
  std::vector<Follower> followers_;
  std::vector<std::unique_ptr<FollowingView>> views_;
  Counts counts_;
};

}  // namespace

Counts run_simulation(const LoopOptions& options) { return run_in_turn<History>(options, 1); }

}  // namespace factum::test
