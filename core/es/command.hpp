// Commands by name: one type-erased descriptor per command struct, used by REST, imports and the
// demo alike.
#pragma once

#include "core/es/decision.hpp"
#include "core/es/shape.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace factum {

/// One request of a caller, of some command type.
class AnyCommand {
 public:
  virtual ~AnyCommand() = default;
  /// The command struct itself, of the type that made this.
  virtual void* command() = 0;
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
  bool adds_up;                  ///< said twice it counts twice: see kAddsUp
  std::span<const std::string_view> corrects;  ///< see kCorrects
  std::unique_ptr<AnyCommand> (*make)();

  /// The request body. O(fields).
  Shape shape() const;
};

/// The descriptor of a command. `C` has kName, kDoc, kTarget, kCreates, kTargetIsSubject,
/// kImportNeedsTarget, kAddsUp, kCorrects, target(), describe, Model, load, decide and `static
/// Position version(const Model&)`: the version of the target (0 when it is new).
///
/// Defined in command_type_of.hpp, which the catalogue alone needs: nobody else compiles what a
/// descriptor is made of.
template <class C>
const CommandType& command_type();

/// Wraps a command that code has filled itself.
template <class C>
std::unique_ptr<AnyCommand> box_command(C command) {
  auto box = command_type<C>().make();
  *static_cast<C*>(box->command()) = std::move(command);
  return box;
}

}  // namespace factum
