#include "eventstore/system_sources.hpp"

#include "core/base/contract.hpp"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <chrono>
#include <cstring>
#include <unistd.h>

namespace factum {
namespace {

// The low 56 bits of a UUIDv7 are free of version and variant bits.
constexpr std::size_t kCounterStart = 9;
constexpr std::uint64_t kCounterMax = (std::uint64_t{1} << 56) - 1;

std::uint64_t counter_of(const Uuid& id) {
  std::uint64_t counter = 0;
  for (std::size_t i = kCounterStart; i < id.bytes.size(); ++i)
    counter = (counter << 8) | id.bytes[i];
  return counter;
}

void set_counter(Uuid& id, std::uint64_t counter) {
  for (std::size_t i = id.bytes.size(); i > kCounterStart; --i, counter >>= 8)
    id.bytes[i - 1] = static_cast<std::uint8_t>(counter & 0xFF);
}

}  // namespace

Timestamp SystemClock::now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return Timestamp(std::chrono::duration_cast<std::chrono::microseconds>(since).count());
}

void RandomBlocks::fill(void* out, std::size_t size) {
  const std::lock_guard lock(mutex_);
  const int process = getpid();
  if (used_ + size > block_.size() || process != process_) {
    FACTUM_ASSERT(size <= block_.size());
    FACTUM_ASSERT(RAND_bytes(block_.data(), static_cast<int>(block_.size())) == 1);
    used_ = 0;
    process_ = process;
  }
  std::memcpy(out, block_.data() + used_, size);
  OPENSSL_cleanse(block_.data() + used_, size);
  used_ += size;
}

Uuid UuidV7Source::next() {
  std::array<std::uint8_t, 10> random{};
  random_.fill(random.data(), random.size());
  const auto now_ms = static_cast<std::uint64_t>(clock_.now().value() / 1000);
  const std::lock_guard lock(mutex_);
  if (now_ms > last_ms_) {
    last_ms_ = now_ms;
    last_ = make_uuid_v7(now_ms, random);
    return last_;
  }
  std::uint32_t step = 0;
  std::memcpy(&step, random.data(), sizeof step);
  const std::uint64_t counter = counter_of(last_) + step + 1;
  if (counter > kCounterMax) {
    ++last_ms_;
    last_ = make_uuid_v7(last_ms_, random);
  } else {
    set_counter(last_, counter);
  }
  return last_;
}

}  // namespace factum
