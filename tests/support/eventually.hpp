// Waits for something that another thread or process does, and not for ever.
#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace factum::test {

/// Looks until the condition holds. Fails the test with the name of what did not come when that
/// takes longer than 20 seconds.
void eventually(const std::string& what, const std::function<bool()>& condition,
                std::chrono::milliseconds at_most = std::chrono::seconds(20));

}  // namespace factum::test
