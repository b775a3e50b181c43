#include "eventstore/log_subscription.hpp"

#include <algorithm>
#include <atomic>

namespace factum {
namespace {

// A sparse query over a long log is read in ranges, so that `stop` is seen between them and
// progress is not lost.
constexpr std::uint64_t kRangePerRead = 100'000;

class LogSubscription final : public Subscription {
 public:
  LogSubscription(Query query, Position after, VisitEvents visit,
                  std::shared_ptr<HeadSignal> signal)
      : query_(std::move(query)),
        visit_(std::move(visit)),
        signal_(std::move(signal)),
        position_(after.value()) {}

  Result<std::vector<RecordedEvent>> next(std::size_t limit,
                                          std::chrono::milliseconds wait) override {
    if (limit == 0) return std::vector<RecordedEvent>();
    const auto deadline = std::chrono::steady_clock::now() + wait;
    for (;;) {
      if (stopped_.load()) return std::vector<RecordedEvent>();
      if (signal_->closed()) return fail(ErrorCode::unavailable, "the log is closing");
      FACTUM_TRY(auto events, catch_up(limit));
      if (!events.empty()) return events;
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
      if (left.count() <= 0) return events;
      signal_->wait(position(), stopped_, left);
    }
  }

  Position position() const override { return Position(position_.load()); }

  void stop() override {
    stopped_.store(true);
    signal_->wake();
  }

 private:
  // Reads up to the head of this moment; empty when nothing up to there matches.
  Result<std::vector<RecordedEvent>> catch_up(std::size_t limit) {
    const Position head = signal_->head();
    while (position() < head && !stopped_.load()) {
      ReadOptions options;
      options.from = Position(position().value() + 1);
      options.to = Position(std::min(head.value(), position().value() + kRangePerRead));
      options.limit = limit;
      FACTUM_TRY(auto events, collect(visit_, query_, options));
      const bool full = events.size() >= limit;
      position_.store(full ? events.back().position.value() : options.to.value());
      if (!events.empty()) return events;
    }
    return std::vector<RecordedEvent>();
  }

  const Query query_;
  const VisitEvents visit_;
  const std::shared_ptr<HeadSignal> signal_;
  std::atomic<std::uint64_t> position_;
  std::atomic<bool> stopped_{false};
};

}  // namespace

std::unique_ptr<Subscription> make_log_subscription(Query query, Position after, VisitEvents visit,
                                                    std::shared_ptr<HeadSignal> signal) {
  return std::make_unique<LogSubscription>(std::move(query), after, std::move(visit),
                                           std::move(signal));
}

}  // namespace factum
