#include "api/server/response_head.hpp"

#include <array>

namespace factum::api {
namespace {

void append_header(std::string& head, std::string_view name, std::string_view value) {
  head.append(name);
  head.append(": ");
  if (value.find_first_of("\r\n") == std::string_view::npos) {
    head.append(value);
  } else {
    for (const char c : value) {
      if (c != '\r' && c != '\n') head.push_back(c);
    }
  }
  head.append("\r\n");
}

bool has_body(int status) { return status >= 200 && status != 204 && status != 304; }

}  // namespace

std::string_view status_phrase(int status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 503: return "Service Unavailable";
    default: return "";
  }
}

std::string response_head(const HttpResponse& response, const ResponseFraming& framing) {
  std::string head;
  head.reserve(256);
  head.append("HTTP/1.1 ");
  head.append(std::to_string(response.status));
  head.push_back(' ');
  head.append(status_phrase(response.status));
  head.append("\r\n");
  append_header(head, "Date", framing.date);
  for (const Header& header : response.headers) append_header(head, header.name, header.value);
  if (framing.chunked) {
    append_header(head, "Transfer-Encoding", "chunked");
  } else if (has_body(response.status) && !response.chunks) {
    append_header(head, "Content-Length", std::to_string(response.body.size()));
  }
  if (!framing.keep_alive) append_header(head, "Connection", "close");
  head.append("\r\n");
  return head;
}

std::string http_date(Timestamp instant) {
  static constexpr std::array<std::string_view, 7> kDays{"Thu", "Fri", "Sat", "Sun",
                                                         "Mon", "Tue", "Wed"};
  static constexpr std::array<std::string_view, 12> kMonths{
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  // "2026-11-21T08:00:00.000000Z"; day 0, 1970-01-01, was a Thursday.
  const std::string text = to_string(instant);
  const auto day = static_cast<std::size_t>((date_of(instant).value() % 7 + 7) % 7);
  const auto month = static_cast<std::size_t>((text[5] - '0') * 10 + (text[6] - '0') - 1);
  std::string date(kDays[day]);
  date += ", " + text.substr(8, 2) + " " + std::string(kMonths[month]) + " " + text.substr(0, 4);
  return date + " " + text.substr(11, 8) + " GMT";
}

}  // namespace factum::api
