// What the descriptor of a command type is made of. Included where types are catalogued and where
// tests make types of their own.
#pragma once

#include "core/es/command.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace factum {

namespace detail {

template <class C>
class CommandBox : public AnyCommand {
 public:
  void* command() override { return &command_; }
  void describe(FieldVisitor& visitor) override {
    visitor.begin_object();
    C::describe(visitor, command_);
    visitor.fact("occurred_at", occurred_at_, "When it happened in the world; absent = now");
    visitor.end_object();
  }
  std::optional<Timestamp> occurred_at() const override { return occurred_at_; }
  Uuid& target() override { return command_.target(); }
  Result<Decision> decide(ModelReader& reader, const DecisionContext& context,
                          Position& target_version) const override {
    auto model = command_.load(reader);
    if (!model) return fail(std::move(model).error());
    target_version = C::version(*model);
    FACTUM_CHECK(check_target(target_version, context));
    // What a corrected file says of the past must not come after what followed it.
    if (!C::kCreates && !C::kAddsUp && context.corrects &&
        !model->self.is_last_of_its_kind(*context.corrects))
      return refuse_gone_on();
    FACTUM_TRY(Decision decision, command_.decide(*model, context));
    if (context.late && moves_before_last(*model, decision, context)) return refuse_gone_on();
    return decision;
  }

 private:
  static tl::unexpected<Error> refuse_gone_on() {
    return refuse("import.gone_on", "more has happened since; correct it by hand");
  }

  // Whether the decision moves the target at a time before its last move.
  template <class M>
  static bool moves_before_last(const M& model, const Decision& decision,
                                const DecisionContext& context) {
    using State = std::remove_cvref_t<decltype(model.self.state)>;
    if constexpr (requires { typename State::Moves; }) {
      if (!context.occurred_at || !model.self.moved_at) return false;
      if (*context.occurred_at >= *model.self.moved_at) return false;
      const auto moves = names_of(typename State::Moves{});
      return std::any_of(decision.events.begin(), decision.events.end(), [&](const auto& decided) {
        return std::find(moves.begin(), moves.end(), decided.event.type().name) != moves.end();
      });
    } else {
      return false;
    }
  }

  static Status check_target(Position version, const DecisionContext& context) {
    const bool exists = version != Position{};
    if (!C::kCreates && !exists && (C::kImportNeedsTarget || !context.import))
      return fail(ErrorCode::not_found, "there is no such " + std::string(C::kTarget));
    if (C::kCreates && exists && !context.import)
      return fail(ErrorCode::already_exists, "this " + std::string(C::kTarget) + " exists already");
    return {};
  }

  C command_{};
  std::optional<Timestamp> occurred_at_;
};

template <class C>
std::unique_ptr<AnyCommand> make_command() {
  return std::make_unique<CommandBox<C>>();
}

template <class C>
inline constexpr CommandType kCommandType{
    C::kName,   C::kDoc,      C::kTarget,      C::kCreates, C::kTargetIsSubject,
    C::kAddsUp, C::kCorrects, &make_command<C>};

}  // namespace detail

// Kept out of line, so that the one place which catalogues a type defines it for all others.
template <class C>
[[gnu::noinline]] const CommandType& command_type() {
  return detail::kCommandType<C>;
}

}  // namespace factum
