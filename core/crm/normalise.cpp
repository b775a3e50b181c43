#include "core/crm/normalise.hpp"

#include "core/base/text.hpp"

#include <algorithm>

namespace factum::crm {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The part before an extension.
std::string_view without_extension(std::string_view text) {
  return text.substr(0, std::min(text.find_first_of("xX#eE;"), text.size()));
}

}  // namespace

std::string normalise_email(std::string_view text) {
  std::string email(trimmed(text));
  if (email.find('@') == std::string::npos) return {};
  for (char& c : email) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return email;
}

std::string normalise_phone(std::string_view text, std::string_view default_code) {
  const std::string_view number = trimmed(text);
  std::string digits;
  for (char c : without_extension(number)) {
    if (is_digit(c)) digits.push_back(c);
  }
  const bool international = number.starts_with('+') || number.starts_with("(+");
  if (!international && digits.starts_with("00")) {
    digits.erase(0, 2);
  } else if (!international) {
    if (digits.starts_with('0')) digits.erase(0, 1);
    digits.insert(0, default_code);
  }
  if (digits.size() < 5 || digits.size() > 15) return {};
  return "+" + digits;
}

std::string normalise_external_id(std::string_view text) { return std::string(trimmed(text)); }

std::string external_id_claim(std::string_view system, std::string_view external_id) {
  return std::string(system) + "\n" + normalise_external_id(external_id);
}

}  // namespace factum::crm
