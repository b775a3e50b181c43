// What the ledger of imports keeps of a step, so that a corrected file adds only its differences.
// No value of the data is in it, only keyed digests; see command_sink.hpp for the claims.
//
//   payload = content [booking] *field
//   content = 16OCTET    ; digest of all that the step says
//   booking = 16OCTET    ; of commands that add up: id of the event that was recorded first
//   field   = 4OCTET     ; of these and of creating commands: the time, then the fields of the body
//                        ; in their order: digest, or 0 = absent. New ones come last
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
  std::optional<Uuid> booking;
  std::string_view fields;
};
LedgerEntry read_entry(const CommandType& type, std::string_view payload);

/// What a command says otherwise than before.
struct Difference {
  std::string body;     ///< JSON: correctable fields that did not change are left out
  std::string refused;  ///< name of the first changed field that cannot be corrected, or empty
};
/// `before` and `now`: digests of the fields that the ledger holds, and is going to.
Difference difference(const CommandType& type, const std::vector<FieldText>& fields,
                      std::string_view before, std::string_view now);

}  // namespace factum::importing
