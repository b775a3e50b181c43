#include "tests/api/http_client.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace factum::test {
namespace {

constexpr int kWaitSeconds = 10;

std::size_t number(std::string_view text, int base) {
  std::size_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, base);
  return value;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

ClientResponse parse_head(std::string_view head) {
  ClientResponse response;
  response.status = static_cast<int>(number(head.substr(9, 3), 10));
  std::size_t at = head.find("\r\n") + 2;
  while (at < head.size()) {
    const std::size_t end = std::min(head.find("\r\n", at), head.size());
    const std::string_view line = head.substr(at, end - at);
    const std::size_t colon = std::min(line.find(": "), line.size());
    if (colon < line.size())
      response.headers.push_back(
          {lower(std::string(line.substr(0, colon))), std::string(line.substr(colon + 2))});
    at = end + 2;
  }
  return response;
}

}  // namespace

std::string ClientResponse::header(std::string_view name) const {
  for (const api::Header& each : headers) {
    if (each.name == name) return each.value;
  }
  return {};
}

HttpClient::HttpClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  const timeval limit{kWaitSeconds, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(socket_);
    socket_ = -1;
  }
}

HttpClient::~HttpClient() {
  if (socket_ >= 0) ::close(socket_);
}

bool HttpClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool HttpClient::read_more() {
  std::array<char, 65536> part{};
  const ssize_t size = ::recv(socket_, part.data(), part.size(), 0);
  if (size <= 0) return false;
  received_.append(part.data(), static_cast<std::size_t>(size));
  return true;
}

ClientResponse HttpClient::receive(bool head) {
  std::size_t end = 0;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!read_more()) return {};
  }
  ClientResponse response = parse_head(std::string_view(received_).substr(0, end));
  received_.erase(0, end + 4);
  if (response.status == 100) return receive(head);
  if (head) return response;
  if (response.header("transfer-encoding") != "chunked") {
    const std::size_t size = number(response.header("content-length"), 10);
    while (received_.size() < size) {
      if (!read_more()) return {};
    }
    response.body = received_.substr(0, size);
    received_.erase(0, size);
    return response;
  }
  for (;;) {
    while ((end = received_.find("\r\n")) == std::string::npos) {
      if (!read_more()) return {};
    }
    const std::size_t size = number(received_.substr(0, end), 16);
    while (received_.size() < end + 2 + size + 2) {
      if (!read_more()) return {};
    }
    response.body += received_.substr(end + 2, size);
    received_.erase(0, end + 2 + size + 2);
    if (size == 0) return response;
  }
}

ClientResponse HttpClient::call(std::string_view method, std::string_view target,
                                std::string_view body, const std::vector<api::Header>& headers) {
  if (!send(request_bytes(method, target, body, headers))) return {};
  return receive(method == "HEAD");
}

bool HttpClient::is_closed() {
  std::array<char, 4096> part{};
  for (;;) {
    const ssize_t size = ::recv(socket_, part.data(), part.size(), 0);
    if (size > 0) continue;
    return size == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
  }
}

std::string request_bytes(std::string_view method, std::string_view target, std::string_view body,
                          const std::vector<api::Header>& headers) {
  std::string bytes;
  bytes.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: localhost\r\n");
  for (const api::Header& header : headers)
    bytes.append(header.name).append(": ").append(header.value).append("\r\n");
  if (!body.empty()) bytes += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return bytes.append("\r\n").append(body);
}

}  // namespace factum::test
