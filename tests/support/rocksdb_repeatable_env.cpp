#include "tests/support/rocksdb_repeatable_env.hpp"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/system_clock.h>

#include <cstdio>
#include <string>

namespace factum::test {
namespace {

constexpr std::int64_t kUnixSeconds = 1'700'000'000;

// Only what is written into files stands still: RocksDB's threads wait by the other times.
class StandingClock final : public rocksdb::SystemClockWrapper {
 public:
  StandingClock() : SystemClockWrapper(rocksdb::SystemClock::Default()) {}
  const char* Name() const override { return "StandingClock"; }
  rocksdb::Status GetCurrentTime(std::int64_t* unix_time) override {
    *unix_time = kUnixSeconds;
    return rocksdb::Status::OK();
  }
};

class RepeatableEnv final : public rocksdb::EnvWrapper {
 public:
  RepeatableEnv() : EnvWrapper(rocksdb::NewCompositeEnv(rocksdb::FileSystem::Default())) {
    system_clock_ = std::make_shared<StandingClock>();
  }
  rocksdb::Status GetCurrentTime(std::int64_t* unix_time) override {
    return system_clock_->GetCurrentTime(unix_time);
  }
  rocksdb::Status GetHostName(char* name, std::uint64_t size) override {
    std::snprintf(name, size, "machine");
    return rocksdb::Status::OK();
  }
  std::string GenerateUniqueId() override { return "00000000-0000-4000-8000-000000000001"; }
};

}  // namespace

std::shared_ptr<rocksdb::Env> make_repeatable_env() { return std::make_shared<RepeatableEnv>(); }

}  // namespace factum::test
