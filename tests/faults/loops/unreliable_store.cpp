#include "tests/faults/loops/unreliable_store.hpp"

#include <memory>
#include <utility>

namespace factum::test {
namespace {

constexpr std::uint64_t kAnswerWithin = 20;
constexpr std::uint64_t kLateWithin = 200;

}  // namespace

void Schedule::soon(std::function<void()> task, std::uint64_t within) {
  tasks_.emplace(now_ + random_() % within, std::move(task));
}

bool Schedule::step() {
  if (tasks_.empty()) return false;
  const auto next = tasks_.begin();
  now_ = next->first;
  const auto task = std::move(next->second);
  tasks_.erase(next);
  task();
  return true;
}

void UnreliableStore::answer_soon(OnAppended on_done, Result<AppendResult> result) {
  schedule_.soon([on_done = std::move(on_done), result = std::move(result)] { on_done(result); },
                 kAnswerWithin);
}

void UnreliableStore::append(AppendRequest request, OnAppended on_done) {
  const auto shared = std::make_shared<AppendRequest>(std::move(request));
  const bool trouble = random_() % 100 < troubles_;
  const std::uint64_t kind = trouble ? random_() % 5 : 5;
  constexpr const char* kNames[] = {"appends refused for load",
                                    "appends refused as unavailable",
                                    "appends lost",
                                    "answers lost",
                                    "appends that came late",
                                    "appends that succeeded or were decided"};
  ++counts_[kNames[kind]];
  if (kind == 0) return answer_soon(std::move(on_done), fail(ErrorCode::overloaded, "too much"));
  if (kind == 1) return answer_soon(std::move(on_done), fail(ErrorCode::unavailable, "not now"));
  if (kind == 5) {
    schedule_.soon(
        [this, shared, on_done = std::move(on_done)]() mutable {
          pass_on(*shared, [this, on_done = std::move(on_done)](Result<AppendResult> result) {
            answer_soon(on_done, std::move(result));
          });
        },
        kAnswerWithin);
    return;
  }
  if (kind == 3) pass_on(*shared, [](const Result<AppendResult>& /*lost*/) {});
  if (kind == 4) {
    schedule_.soon(
        [this, shared] { pass_on(*shared, [](const Result<AppendResult>& /*lost*/) {}); },
        kLateWithin);
  }
  answer_soon(std::move(on_done), fail(ErrorCode::outcome_unknown, "the line went down"));
}

}  // namespace factum::test
