// Which hosts requests may name. A page of any site can make a browser on this machine ask a name
// that leads here; what it asks in that name is refused.
#pragma once

#include "core/base/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace factum::api {

/// The host of "host", "host:port" or "[::1]:port", in lower case; nothing if it is none. O(bytes).
/// Source: RFC 3986 §3.2.2 and §3.2.3, without user names and with a host that is not empty.
std::optional<std::string> host_of(std::string_view authority);

/// The host of an Origin header, "scheme://host[:port]"; nothing for "null" and what is none.
/// Source: RFC 6454 §7.
std::optional<std::string> host_of_origin(std::string_view origin);

/// Whether a numeric address is reached from this machine only.
bool is_loopback(std::string_view address);

/// The hosts that a server answers to when it is bound to the numeric `address`: `names`, the
/// address, and the names of this machine for itself. Empty = every host: the address is reached
/// from other machines and there are no `names`. Errors: invalid_argument (a name is no host).
Result<std::vector<std::string>> accepted_hosts(const std::string& address,
                                                const std::vector<std::string>& names);

}  // namespace factum::api
