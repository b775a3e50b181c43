// Normal forms of values that are compared or claimed. Pure; input is expected in Unicode NFKC,
// which whoever reads it from outside takes care of.
#pragma once

#include <string>
#include <string_view>

namespace factum::crm {

/// An e-mail address for comparison: trimmed, ASCII letters in lower case. The local part too: no
/// provider in use tells case apart, and people do not type it alike. Empty if there is no '@'.
std::string normalise_email(std::string_view text);
/// A telephone number like E.164: '+' and digits; "00" counts as '+'; without calling code
/// `default_code` is put in front, instead of one leading zero. Extensions after "x", "ext" or '#'
/// are cut off. Empty with fewer than 5 or more than 15 digits. Source: ITU-T E.164 (2010) §6.
std::string normalise_phone(std::string_view text, std::string_view default_code = "86");
/// An id of another system for comparison: trimmed; case counts.
std::string normalise_external_id(std::string_view text);
/// What is claimed for an external id: system and id, joined unambiguously.
std::string external_id_claim(std::string_view system, std::string_view external_id);

}  // namespace factum::crm
