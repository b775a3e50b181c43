// Every operator of the profile language, each over a small file.
#include "tests/import/fact_recorder.hpp"

#include <doctest/doctest.h>

using namespace factum::importing;
using namespace factum::importing::test;

TEST_CASE("a template joins text and columns, and is absent when all its columns are empty") {
  CHECK(facts_of(R"({"x":"{b}-{c}","y":"{c}","z":"k"})", "a,b,c\n1,u,\n2,,\n") ==
        "{\"x\":\"u-\",\"z\":\"k\"}\n{\"z\":\"k\"}\n");
  CHECK(facts_of(R"({"x":"{b}"})", "a,b,c\n1,\"say \"\"hi\"\"\n超\",\n") ==
        "{\"x\":\"say \\\"hi\\\"\\n超\"}\n");
}

TEST_CASE("constants, objects and lists stand as they are") {
  CHECK(facts_of(R"({"n":5,"t":true,"o":{"in":"{b}"},"l":["{b}","{c}",1],"e":[],"no":null})",
                 "a,b,c\n1,u,\n") ==
        "{\"e\":[],\"l\":[\"u\",1],\"n\":5,\"o\":{\"in\":\"u\"},\"t\":true}\n");
}

TEST_CASE("text is trimmed and lowered, and the first that is there is taken") {
  CHECK(facts_of(R"({"x":{"$trim":"{b}"},"y":{"$lower":"{b}"},"z":{"$first":["{c}","{b}"]}})",
                 "a,b,c\n1, AB ,\n2,  ,c\n") ==
        "{\"x\":\"AB\",\"y\":\" ab \",\"z\":\" AB \"}\n{\"y\":\"  \",\"z\":\"c\"}\n");
}

TEST_CASE("a map translates, and what it does not know is rejected unless it says otherwise") {
  const char* rows = "a,b,c\n1,u,\n2,v,\n3,,\n";
  CHECK(facts_of(R"({"x":{"$map":"{b}","to":{"u":"up","":"none"}}})", rows) ==
        "{\"x\":\"up\"}\n{\"x\":\"none\"}\nrows.csv:3 b import.unmapped_value\n");
  CHECK(facts_of(R"({"x":{"$map":"{b}","to":{"u":"up"},"otherwise":"{b}!"}})", rows) ==
        "{\"x\":\"up\"}\n{\"x\":\"v!\"}\n{}\n");
}

TEST_CASE("numbers become integers, decimals and money, exactly") {
  CHECK(facts_of(R"({"i":{"$integer":"{b}"},"m":{"$money":"{c}","currency":"GBP","times":"{b}"}})",
                 "a,b,c\n1,17850.0,2.55\n2,-6,0.001\n3,,\n") ==
        "{\"i\":17850,\"m\":{\"currency\":\"GBP\",\"minor\":4551750}}\n"
        "{\"i\":-6,\"m\":{\"currency\":\"GBP\",\"minor\":-1}}\n{}\n");
  CHECK(facts_of(R"({"d":{"$decimal":"{b}","decimal":",","thousands":".","negate":true}})",
                 "a,b,c\n1,\"1.234,50\",\n2,0,\n3,-1,\n") ==
        "{\"d\":\"-1234.5\"}\n{\"d\":\"0\"}\n{\"d\":\"1\"}\n");
}

TEST_CASE("integers outside a range are codes for no answer") {
  CHECK(facts_of(R"({"i":{"$integer":"{b}","least":0,"most":10}})",
                 "a,b,c\n1,0,\n2,11,\n3,-1,\n") == "{\"i\":0}\n{}\n{}\n");
  CHECK(facts_of(R"({"i":{"$integer":"{b}","least":"0"}})", "a,b,c\n") ==
        "error: profile, at /facts/0/steps/0/fields/i/least: an integer is expected");
}

TEST_CASE("parts are joined, leaving out what is not there") {
  CHECK(facts_of(R"({"x":{"$join":["{b}","{c}",{"$integer":"7.0"}],"with":" "},"e":""})",
                 "a,b,c\n1,u,v\n2,,v\n") ==
        "{\"e\":\"\",\"x\":\"u v 7\"}\n{\"e\":\"\",\"x\":\"v 7\"}\n");
  CHECK(facts_of(R"({"x":{"$join":["{b}","{c}"]}})", "a,b,c\n1,,\n") == "{}\n");
}

TEST_CASE("amounts of one currency are totalled after rounding each") {
  const char* total = R"({"t":{"$total":{"$money":"{b}","currency":"{c}"},"over":"rows"}})";
  CHECK(facts_of(total, "a,b,c\n1,0.005,EUR\n1,0.015,EUR\n1,,EUR\n2,,EUR\n", "group") ==
        "{\"t\":{\"currency\":\"EUR\",\"minor\":2}}\n{}\n");
  CHECK(facts_of(total, "a,b,c\n1,1,EUR\n1,1,USD\n", "group") ==
        "rows.csv:3 b import.currencies_mixed\n");
  CHECK(facts_of(R"({"t":{"$total":"{b}","over":"rows"}})", "a,b,c\n1,1,\n") ==
        "rows.csv:2 b import.not_an_amount\n");
}

TEST_CASE("what is no number, amount or currency is rejected with its column") {
  const char* rows = "a,b,c\n1,x,EUR\n2,1.5,XX\n3,1,EUR\n";
  CHECK(facts_of(R"({"i":{"$integer":"{b}"}})", rows) ==
        "{\"i\":1}\nrows.csv:2 b import.not_a_number\nrows.csv:3 b import.not_a_whole_number\n");
  CHECK(facts_of(R"({"m":{"$money":"1","times":"{b}","currency":"{c}"}})", rows) ==
        "{\"m\":{\"currency\":\"EUR\",\"minor\":100}}\nrows.csv:2 b import.not_a_number\n"
        "rows.csv:3 c import.not_a_currency\n");
}

TEST_CASE("times follow format and zone; several formats are tried in turn") {
  CHECK(facts_of(R"({"t":{"$time":"{b}","format":["%Y-%m-%d %H:%M","%d/%m/%Y"]},)"
                 R"("u":{"$time":"{b}","format":["%Y-%m-%d %H:%M","%d/%m/%Y"],"zone":"UTC"},)"
                 R"("d":{"$day":"{c}","format":"%Y%m%d"}})",
                 "a,b,c\n1,2011-06-01 08:26,20200229\n2,1/2/2011,\n3,soon,\n4,,20210229\n") ==
        "{\"d\":\"2020-02-29\",\"t\":\"2011-06-01T07:26:00.000000Z\","
        "\"u\":\"2011-06-01T08:26:00.000000Z\"}\n"
        "{\"t\":\"2011-02-01T00:00:00.000000Z\",\"u\":\"2011-02-01T00:00:00.000000Z\"}\n"
        "rows.csv:4 b import.not_a_time\nrows.csv:5 c import.not_a_day\n");
}

TEST_CASE("rows with one key become lists, sums and counts, wherever they stand") {
  const char* rows = "a,b,c\n1,2,x\n2,5,y\n1,0.5,z\n1,,\n";
  const char* fields =
      R"({"l":{"$list":{"b":"{b}"},"over":"rows","where":"{c}"},"s":{"$sum":"{b}","over":"rows"},)"
      R"("n":{"$count":"rows"},"last":{"$last":"{b}{c}"}})";
  CHECK(facts_of(fields, rows, "group") ==
        "{\"l\":[{\"b\":\"2\"},{\"b\":\"0.5\"}],\"n\":3,\"s\":\"2.5\"}\n"
        "{\"l\":[{\"b\":\"5\"}],\"last\":\"5y\",\"n\":1,\"s\":\"5\"}\n");
  CHECK(facts_of(R"({"b":"{b}"})", rows, "first") == "{\"b\":\"2\"}\n{\"b\":\"5\"}\n");
  CHECK(facts_of(R"({"n":{"$count":"rows"}})", rows, "together") ==
        "{\"n\":1}\n{\"n\":1}\n{\"n\":2}\n");
}

TEST_CASE("conditions compare, combine and look at the row before") {
  const char* rows = "a,b,c\n1,2,Cx\n";
  const auto holds = [&](const std::string& condition) {
    return facts_of(R"({"x":)" + condition + "}", rows) == "{\"x\":true}\n";
  };
  CHECK(holds(R"({"$is":["{b}","1","2"]})"));
  CHECK_FALSE(holds(R"({"$is":["{b}","1"]})"));
  CHECK(holds(R"({"$not":{"$is":["{b}","1"]}})"));
  CHECK(holds(R"({"$starts":["{c}","C"]})"));
  CHECK(holds(R"({"$more":["{b}","1.5"]})"));
  CHECK_FALSE(holds(R"({"$more":["{b}","2"]})"));
  CHECK_FALSE(holds(R"({"$more":["{b}",{"$before":"{b}"}]})"));
  CHECK_FALSE(holds(R"({"$empty":"{b}"})"));
  CHECK(holds(R"({"$empty":{"$before":"{b}"}})"));
  CHECK(holds(R"({"$all":[{"$first_row":true},{"$any":[{"$empty":"{b}"},"{c}"]}]})"));
  CHECK_FALSE(holds(R"({"$changed":"{b}"})"));
  CHECK(facts_of(R"({"x":{"$if":{"$is":["{b}","2"]},"then":"two","else":"{c}"}})", rows) ==
        "{\"x\":\"two\"}\n");
  CHECK(facts_of(R"({"x":{"$more":["{c}","1"]}})", rows) == "rows.csv:2 c import.not_a_number\n");
}

TEST_CASE("references name other facts, and are absent without a key") {
  CHECK(facts_of(
            R"({"x":{"$ref":["customer","{b}"]},"y":[{"$ref":["p","{b}","{c}"],"optional":true}]})",
            "a,b,c\n1,7,8\n2,,8\n") == "{\"x\":<customer:7>,\"y\":[<p:7+8?>]}\n{}\n");
}

TEST_CASE("a profile that is wrong says where") {
  const auto error = [](const std::string& fields) { return facts_of(fields, "a,b,c\n"); };
  const std::string at = "error: profile, at /facts/0/steps/0/fields/x";
  CHECK(error(R"({"x":"{nope}"})") == at + ": no column \"nope\"");
  CHECK(error(R"({"x":"{b"})") == at + ": a { without }");
  CHECK(error(R"({"x":{"$nope":1}})") == at + "/$nope: no such operator");
  CHECK(error(R"({"x":{"$trim":"{b}","z":1}})") == at + "/z: no such member");
  CHECK(error(R"({"x":{"$time":"{b}","format":"%Q"}})").find(at + ": a time format knows") == 0);
  CHECK(error(R"({"x":{"$time":"{b}"}})") == at + "/format: a format is expected");
  CHECK(error(R"({"x":{"$list":"{b}","over":"nope"}})") ==
        at + "/over: neither \"rows\" nor the name of a join");
  CHECK(error(R"({"x":{"$is":["{b}"]}})") == at + "/$is: more operands are needed");
  CHECK(error(R"({"x":1.5})") == at + ": write a decimal as a text");
  CHECK(error(R"({"x":{"$money":"{b}"}})") == at + "/currency: a currency is expected");
  CHECK(error(R"({"x":{"$ref":["customer"]}})") ==
        at + "/$ref: a kind of fact and its key are expected");
  std::string deep = "\"{b}\"";
  for (int i = 0; i < 30; ++i) deep = "{\"$trim\":" + deep + "}";
  CHECK(error("{\"x\":" + deep + "}").find("nested too deeply") != std::string::npos);
}
