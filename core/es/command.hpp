// Commands by name: one type-erased descriptor per command struct, used by REST, imports and the
// demo alike.
#pragma once

#include "core/es/decision.hpp"
#include "core/es/shape.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace factum {

/// One request of a caller, of some command type.
class AnyCommand {
 public:
  virtual ~AnyCommand() = default;
  /// Lets a reader or writer walk the body: the fields of the command, and when it happened.
  virtual void describe(FieldVisitor& visitor) = 0;
  /// When the caller says it happened; absent: not said.
  virtual std::optional<Timestamp> occurred_at() const = 0;
  /// The id of the entity the command is about.
  virtual Uuid& target() = 0;
  /// Loads the model and decides; gives the version of the target too, for If-Match. Pure but for
  /// the reads. Errors besides those of the decision: not_found, already_exists (outside imports).
  virtual Result<Decision> decide(ModelReader& reader, const DecisionContext& context,
                                  Position& target_version) const = 0;
};

/// The descriptor of a command type; exactly one object per type.
struct CommandType {
  std::string_view name;
  std::string_view doc;
  std::string_view target_kind;  ///< "deal"
  bool creates;                  ///< the target is new: its id is made by the server
  bool target_is_subject;        ///< the target owns a data key (customer, contact, user)
  std::unique_ptr<AnyCommand> (*make)();

  /// The request body. O(fields).
  Shape shape() const;
};

namespace detail {

template <class C>
class CommandBox : public AnyCommand {
 public:
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
    return command_.decide(*model, context);
  }
  C& command() { return command_; }

 private:
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
    C::kName, C::kDoc, C::kTarget, C::kCreates, C::kTargetIsSubject, &make_command<C>};

}  // namespace detail

/// The descriptor of a command. `C` has kName, kDoc, kTarget, kCreates, kTargetIsSubject,
/// kImportNeedsTarget, target(), describe, Model, load, decide and `static Position version(const
/// Model&)`: the version of the target (0 when it is new).
template <class C>
const CommandType& command_type() {
  return detail::kCommandType<C>;
}

/// Wraps a command that code has filled itself.
template <class C>
std::unique_ptr<AnyCommand> box_command(C command) {
  auto box = std::make_unique<detail::CommandBox<C>>();
  box->command() = std::move(command);
  return box;
}

}  // namespace factum
