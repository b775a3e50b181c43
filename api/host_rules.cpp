#include "api/host_rules.hpp"

#include "api/http.hpp"

#include <algorithm>

namespace factum::api {
namespace {

constexpr std::size_t kHostBytesMax = 255;
constexpr std::size_t kPortDigitsMax = 5;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }

// Of names in lower case: what a registered name is made of. Percent escapes are left out, since no
// host of ours needs one.
bool is_name_character(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') ||
         std::string_view("-._~!$&'()*+,;=").find(c) != std::string_view::npos;
}

bool is_address_character(char c) { return is_hex(c) || c == ':' || c == '.'; }

bool is_port(std::string_view text) {
  constexpr int kPortMax = 65'535;
  if (text.size() > kPortDigitsMax || !std::all_of(text.begin(), text.end(), is_digit))
    return false;
  int port = 0;
  for (const char c : text) port = port * 10 + (c - '0');
  return port <= kPortMax;
}

// Bytes of the host at the start of an authority; 0 if there is none.
std::size_t host_bytes(std::string_view authority) {
  if (!authority.starts_with('[')) {
    const auto* end = std::find_if_not(authority.begin(), authority.end(), is_name_character);
    return static_cast<std::size_t>(end - authority.begin());
  }
  const std::size_t close = authority.find(']');
  if (close == std::string_view::npos || close < 3) return 0;
  const std::string_view address = authority.substr(1, close - 1);
  return std::all_of(address.begin(), address.end(), is_address_character) ? close + 1 : 0;
}

}  // namespace

std::optional<std::string> host_of(std::string_view authority) {
  std::string host = ascii_lower(authority);
  const std::size_t bytes = host_bytes(host);
  if (bytes == 0 || bytes > kHostBytesMax) return std::nullopt;
  const std::string_view rest = std::string_view(host).substr(bytes);
  if (!rest.empty() && (rest.front() != ':' || !is_port(rest.substr(1)))) return std::nullopt;
  host.resize(bytes);
  return host;
}

std::optional<std::string> host_of_origin(std::string_view origin) {
  constexpr std::string_view kMark = "://";
  const std::size_t mark = origin.find(kMark);
  if (mark == std::string_view::npos) return std::nullopt;
  return host_of(origin.substr(mark + kMark.size()));
}

bool is_loopback(std::string_view address) {
  return address.starts_with("127.") || address == "::1";
}

Result<std::vector<std::string>> accepted_hosts(const std::string& address,
                                                const std::vector<std::string>& names) {
  std::vector<std::string> hosts;
  for (const std::string& name : names) {
    auto host = host_of(name);
    if (!host) return fail(ErrorCode::invalid_argument, "a host name is not one: " + name);
    hosts.push_back(std::move(*host));
  }
  if (hosts.empty() && !is_loopback(address)) return hosts;
  const bool is_v6 = address.find(':') != std::string::npos;
  hosts.push_back(is_v6 ? "[" + ascii_lower(address) + "]" : address);
  for (const char* own : {"localhost", "127.0.0.1", "[::1]"}) hosts.emplace_back(own);
  return hosts;
}

}  // namespace factum::api
