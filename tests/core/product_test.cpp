// Rules of products: given events, when a command, then events or a refusal.
#include "core/crm/product.hpp"

#include "tests/support/spec.hpp"

#include <doctest/doctest.h>

namespace factum::crm {
namespace {

using test::id_of;
using test::Spec;

const auto kAxe = id_of<ProductId>(1);
const auto kSaw = id_of<ProductId>(2);
const Money kPrice{2500, "EUR"};

CreateProduct creation(ProductId id, std::string sku) {
  CreateProduct command;
  command.id = id;
  command.sku = std::move(sku);
  command.name = "Axe";
  command.facts = {"tools", "", kPrice};
  return command;
}

ProductCreated axe_created() { return {kAxe, "A1", "Axe", "tools", {}, kPrice}; }

}  // namespace

TEST_CASE("a product takes its article code") {
  Spec spec;
  spec.done(creation(kAxe, " A1 ")).then(axe_created()).claiming({"take product.sku A1"});
  spec.when(creation(kAxe, "A1")).then_fails(ErrorCode::already_exists);
  spec.when(creation(kSaw, "A1")).then_refused(rules::kProductSkuTaken);
}

TEST_CASE("an import records a product whose article code is taken") {
  Spec spec;
  spec.done(creation(kAxe, "A1"));
  spec.importing()
      .when(creation(kSaw, "A1"))
      .then(ProductCreated{kSaw, "A1", "Axe", "tools", {}, kPrice})
      .breaking({rules::kProductSkuTaken})
      .claiming({});
}

TEST_CASE("only details that differ are changed") {
  Spec spec;
  spec.given(axe_created());
  spec.when(ChangeProduct{{kAxe}, "Axe", {"tools", "", kPrice}}).then();
  spec.done(ChangeProduct{{kAxe}, "Big axe", {"", "forest", Money{2600, "EUR"}}})
      .then(ProductChanged{kAxe, "Big axe", "", "forest", Money{2600, "EUR"}});
  CHECK(spec.shown<Product>(kAxe) == R"({"id":")" + kAxe.uuid.to_string() +
                                         R"(","sku":"A1","name":"Big axe","series":"forest",)"
                                         R"("price":{"currency":"EUR","minor":2600},)"
                                         R"("discontinued":false})");
}

TEST_CASE("a list price is zero or more") {
  Spec spec;
  spec.given(axe_created());
  spec.when(ChangeProduct{{kAxe}, {}, {{}, {}, Money{-1, "EUR"}}})
      .then_refused(rules::kProductPriceNegative);
  auto command = creation(kSaw, "S1");
  command.facts.price = Money{-1, "EUR"};
  spec.when(command).then_refused(rules::kProductPriceNegative);
  spec.importing().when(command).breaking({rules::kProductPriceNegative});
}

TEST_CASE("a product is discontinued and reinstated") {
  Spec spec;
  spec.given(axe_created());
  spec.when(ReinstateProduct{{kAxe}}).then();
  spec.done(DiscontinueProduct{{kAxe}}).then(ProductDiscontinued{kAxe});
  spec.when(DiscontinueProduct{{kAxe}}).then();
  spec.when(ReinstateProduct{{kAxe}}).then(ProductReinstated{kAxe});
}

TEST_CASE("a product that is not there refuses every change") {
  Spec spec;
  spec.when(ChangeProduct{{kAxe}, "Axe", {}}).then_fails(ErrorCode::not_found);
  spec.when(DiscontinueProduct{{kAxe}}).then_fails(ErrorCode::not_found);
  spec.when(ReinstateProduct{{kAxe}}).then_fails(ErrorCode::not_found);
}

TEST_CASE("a product created again by an import becomes the differences") {
  Spec spec;
  spec.importing().done(creation(kAxe, "A1"));
  spec.when(creation(kAxe, "A1")).then();
  auto command = creation(kAxe, "A1");
  command.facts.series = "forest";
  spec.when(command).then(ProductChanged{kAxe, {}, {}, "forest", {}});
}

}  // namespace factum::crm
