// What the ledger of imports keeps of a step, so that a corrected file adds only its differences.
// No value of the data is in it, only keyed digests; see command_sink.hpp for the claims.
//
//   payload = content [event] *field
//   content = 16OCTET    ; digest of all that the step says
//   event   = 16OCTET    ; unless the command creates: id of the last event it recorded, or 0
//   field   = 4OCTET     ; the time, then the fields of the body in their order: digest, or 0 =
//                        ; absent. New ones come last
//
// Of a fact of several steps a further claim remembers which there were when it was told last:
//
//   steps   = *step
//   step    = name adds-up
//   name    = 4OCTET     ; digest
//   adds-up = %x00-01
#pragma once

#include "core/es/command.hpp"
#include "core/es/sealer.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace factum::importing {

inline constexpr std::size_t kContentBytes = 16;

/// One field of a command as JSON, `"name":value`; empty if it is absent.
struct FieldText {
  std::string name;
  std::string json;
};

/// The time ("occurred_at") and the fields of a command. O(bytes of the command).
std::vector<FieldText> field_texts(AnyCommand& command, std::optional<Timestamp> occurred_at);

/// The digests of fields. `ref` keeps equal values of two facts from looking the same.
std::string field_digests(Sealer& sealer, const Digest& ref, const std::vector<FieldText>& fields);

/// A payload taken apart. Those of earlier versions have content alone.
struct LedgerEntry {
  std::string_view content;
  std::optional<Uuid> event;
  std::string_view fields;
};
LedgerEntry read_entry(const CommandType& type, std::string_view payload);

/// One step of a fact as its list remembers it: 5 bytes.
std::string step_mark(Sealer& sealer, const Digest& ref, bool adds_up);
inline constexpr std::size_t kStepMarkBytes = 5;
/// The marks in one list that another does not have.
std::vector<std::string_view> missing_marks(std::string_view from, std::string_view in);
/// Whether a mark is of a step that adds up.
inline bool marks_sum(std::string_view mark) { return mark.back() != '\0'; }

/// What a command says otherwise than before.
struct Difference {
  std::string body;     ///< JSON: correctable fields that did not change are left out
  std::string refused;  ///< name of the first changed field that cannot be corrected, or empty
};
/// `before` and `now`: digests of the fields that the ledger holds, and is going to.
Difference difference(const CommandType& type, const std::vector<FieldText>& fields,
                      std::string_view before, std::string_view now);

}  // namespace factum::importing
