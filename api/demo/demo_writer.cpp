#include "api/demo/demo_writer.hpp"

#include "api/import/pending_model.hpp"

#include <algorithm>
#include <future>
#include <iterator>
#include <utility>

namespace factum::demo {
namespace {

constexpr std::size_t kCustomersPerChunk = 250;
constexpr std::size_t kEventsPerAppend = 512;
constexpr std::size_t kKeptEventsMax = 400'000;

// Decides ahead of the log and appends what is decided in batches.
class Writer {
 public:
  explicit Writer(CommandBus& bus) : bus_(bus), model_(bus.store(), bus.codec(), kKeptEventsMax) {}

  Status run(Plan plan) {
    FACTUM_CHECK(bus_.codec().sealer().ensure_keys(plan.subjects, DataClass::personal));
    for (Planned& planned : plan.commands) FACTUM_CHECK(decide(planned));
    return ship();
  }

  std::uint64_t events() const { return events_; }

 private:
  Status decide(Planned& planned) {
    CommandMeta meta;
    meta.actor = "system";
    meta.source = Source::system;
    meta.occurred_at = planned.at;
    model_.begin();
    FACTUM_TRY(PreparedCommand prepared,
               bus_.prepare(*planned.type, *planned.command, meta, model_));
    const Timestamp now = bus_.clock().now();
    for (const Claim& claim : prepared.append.claims) model_.add_claim(claim);
    for (const NewEvent& event : prepared.append.events) model_.add(event, now);
    std::move(prepared.append.events.begin(), prepared.append.events.end(),
              std::back_inserter(batch_.events));
    std::move(prepared.append.claims.begin(), prepared.append.claims.end(),
              std::back_inserter(batch_.claims));
    return batch_.events.size() >= kEventsPerAppend ? ship() : Status{};
  }

  Status ship() {
    AppendRequest append = std::exchange(batch_, {});
    if (append.events.empty()) return {};
    append.condition =
        AppendCondition{Query{}, Position(model_.next().value() - append.events.size() - 1)};
    events_ += append.events.size();
    std::promise<Result<AppendResult>> done;
    bus_.store().append(std::move(append),
                        [&](Result<AppendResult> result) { done.set_value(std::move(result)); });
    FACTUM_TRY(const AppendResult appended, done.get_future().get());
    model_.settle(appended.last);
    return {};
  }

  CommandBus& bus_;
  importing::PendingModel model_;
  AppendRequest batch_;
  std::uint64_t events_ = 0;
};

}  // namespace

Result<DemoResult> write_demo(CommandBus& bus, const DemoOptions& options,
                              const OnDemoProgress& on_progress) {
  Company company(options.seed, options.until);
  Writer writer(bus);
  DemoResult result;
  FACTUM_CHECK(writer.run(company.foundation()));
  result.pipeline = company.pipeline();
  for (std::size_t done = 0; done < options.customers;) {
    const std::size_t count = std::min(kCustomersPerChunk, options.customers - done);
    FACTUM_CHECK(writer.run(company.customers(done, count)));
    if (done == 0) result.customer = company.customer_ids().front();
    done += count;
    result.events = writer.events();
    if (!on_progress(done)) break;
  }
  result.events = writer.events();
  return result;
}

}  // namespace factum::demo
