// Random commands of every type on random histories: what holds for all of them.
#include "core/crm/catalog.hpp"
#include "core/es/json_writer.hpp"
#include "tests/support/sample_visitor.hpp"
#include "tests/support/spec.hpp"

#include <doctest/doctest.h>

#include <random>
#include <set>

namespace factum {
namespace {

using namespace test;

constexpr std::uint64_t kIds = 6;
constexpr int kCommandsPerHistory = 400;

// One history: commands of any type on a handful of entities.
class History {
 public:
  History(std::uint64_t seed, bool import) : random_(seed), commands_(crm::command_catalog()) {
    if (import) spec_.importing();
  }

  Spec& spec() { return spec_; }
  const CommandType& type() const { return *type_; }

  std::unique_ptr<AnyCommand> next() {
    type_ = commands_[random_() % commands_.size()];
    auto command = type_->make();
    SampleVisitor visitor(Samples::random, random_(), kIds);
    command->describe(visitor);
    command->target() = test_id(1 + random_() % kIds);
    return command;
  }
  static std::string body_of(AnyCommand& command) {
    JsonWriter writer(JsonStyle::answer);
    command.describe(writer);
    return writer.take();
  }

 private:
  std::mt19937_64 random_;
  std::vector<const CommandType*> commands_;
  const CommandType* type_ = nullptr;
  Spec spec_;
};

// What could not be recorded at all, so that an import refuses it too.
bool is_impossible(const Error& error) {
  static const std::set<std::string_view> kImpossible = {"contact.too_many_customers"};
  return error.code == ErrorCode::not_found || kImpossible.contains(error.rule);
}

}  // namespace

TEST_CASE("what is decided can be recorded") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    History history(seed, seed % 2 == 0);
    for (int count = 0; count < kCommandsPerHistory; ++count) {
      const auto command = history.next();
      const auto outcome = history.spec().decide(*command);
      if (!outcome.decision()) continue;
      const Status recorded = history.spec().take_over(*outcome.decision());
      if (!recorded)
        FAIL_CHECK(history.type().name << ": " << recorded.error().message << " "
                                       << History::body_of(*command));
    }
  }
}

TEST_CASE("an import refuses no fact because of a rule") {
  std::set<std::string> refused;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    History history(seed, true);
    for (int count = 0; count < kCommandsPerHistory; ++count) {
      const auto command = history.next();
      const auto outcome = history.spec().decide(*command);
      if (outcome.decision())
        ignore_error(history.spec().take_over(*outcome.decision()), "the case above looks at it");
      else if (!is_impossible(outcome.decision().error()))
        refused.insert(std::string(history.type().name) + ": " + outcome.decision().error().rule +
                       " " + outcome.decision().error().message);
    }
  }
  for (const std::string& refusal : refused) FAIL_CHECK(refusal);
}

TEST_CASE("random histories reach every command") {
  // Random texts name no contact point and no tag that is there.
  std::set<std::string_view> decided = {"RemoveContactPoint", "RemoveCustomerContactPoint",
                                        "RemoveTag"};
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    History history(seed, true);
    for (int count = 0; count < kCommandsPerHistory; ++count) {
      const auto outcome = history.spec().decide(*history.next());
      if (!outcome.decision()) continue;
      if (!outcome.decision()->events.empty()) decided.insert(history.type().name);
      ignore_error(history.spec().take_over(*outcome.decision()), "the case above looks at it");
    }
  }
  for (const CommandType* type : crm::command_catalog())
    CHECK_MESSAGE(decided.contains(type->name), type->name);
}

TEST_CASE("outside imports no decision breaks a rule") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    History history(seed, false);
    for (int count = 0; count < kCommandsPerHistory; ++count) {
      const auto outcome = history.spec().decide(*history.next());
      if (!outcome.decision()) continue;
      CHECK(outcome.decision()->broken_rules.empty());
      ignore_error(history.spec().take_over(*outcome.decision()), "the case above looks at it");
    }
  }
}

TEST_CASE("refusals say nothing of what the command contained") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    History history(seed, false);
    for (int count = 0; count < kCommandsPerHistory; ++count) {
      const auto command = history.next();
      const auto outcome = history.spec().decide(*command);
      if (outcome.decision()) {
        ignore_error(history.spec().take_over(*outcome.decision()), "the case above looks at it");
        continue;
      }
      for (const char* letter : {"中", "文", "ß", "\xf0\x9f\x98\x80"})
        CHECK(outcome.decision().error().message.find(letter) == std::string::npos);
    }
  }
}

}  // namespace factum
