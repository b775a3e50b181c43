// The names and texts that the demo company is made of; all persons and organisations are invented.
#pragma once

#include "api/demo/random.hpp"

#include <string>
#include <string_view>

namespace factum::demo {

/// Which half of the world a customer of the demo lives in.
enum class Culture { english, chinese };

struct Place {
  std::string_view country;  ///< ISO 3166-1 alpha-2
  std::string_view region;
  std::string_view city;
  std::string_view currency;
};

std::string person_name(Random& random, Culture culture);
std::string company_name(Random& random, Culture culture);
/// "mei.zhang17@example.cn": from a number, so that addresses are unique. Domains are reserved for
/// examples (RFC 2606).
std::string email_address(Culture culture, std::uint64_t number);
std::string phone_number(Random& random, Culture culture);
Place place(Random& random, Culture culture);
std::string street(Random& random, Culture culture);
std::string_view sector(Random& random);
/// A sentence from a call, mail or chat.
std::string_view conversation(Random& random, Culture culture);
/// Heading of a service request.
std::string_view trouble(Random& random, Culture culture);
std::string_view reply(Culture culture);
std::string deal_title(Random& random, Culture culture, std::string_view product);
std::string_view lost_reason(Random& random);

}  // namespace factum::demo
