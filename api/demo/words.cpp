#include "api/demo/words.hpp"

namespace factum::demo {
namespace {

using Text = std::string_view;
template <std::size_t N>
using Texts = std::array<Text, N>;

constexpr Texts<20> kGivenEnglish{"Alice",  "Ben",  "Clara", "David", "Emma", "Frank", "Grace",
                                  "Henry",  "Iris", "James", "Karen", "Liam", "Maya",  "Noah",
                                  "Olivia", "Paul", "Quinn", "Rose",  "Sam",  "Tara"};
constexpr Texts<20> kFamilyEnglish{"Abbott", "Barnes", "Carter", "Dixon",  "Ellis",
                                   "Foster", "Grant",  "Hughes", "Irving", "Jensen",
                                   "Keller", "Lawson", "Murray", "Norris", "O'Brien",
                                   "Porter", "Reyes",  "Shaw",   "Turner", "Walsh"};
constexpr Texts<20> kFamilyChinese{"王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴",
                                   "徐", "孙", "胡", "朱", "高", "林", "何", "郭", "马", "欧阳"};
constexpr Texts<20> kGivenChinese{"伟",   "芳",   "娜",   "秀英", "敏",   "静",  "丽",
                                  "强",   "磊",   "军",   "洋",   "勇",   "艳",  "杰",
                                  "晓明", "建国", "雨桐", "子涵", "浩然", "梓萱"};
constexpr Texts<12> kCompanyEnglish{"Northwind",  "Bluebridge", "Silverline", "Oakfield",
                                    "Redstone",   "Clearwater", "Ironworks",  "Greenleaf",
                                    "Lighthouse", "Summit",     "Harbour",    "Crossroads"};
constexpr Texts<6> kSuffixEnglish{"Ltd", "Inc.", "GmbH", "Group", "Partners", "Logistics"};
constexpr Texts<12> kCompanyChinese{"华信", "远大", "金桥", "恒通", "瑞丰", "新港",
                                    "东方", "海天", "长城", "蓝天", "明德", "云帆"};
constexpr Texts<6> kSuffixChinese{"科技有限公司", "贸易有限公司", "集团股份有限公司",
                                  "电子有限公司", "物流有限公司", "食品有限公司"};
constexpr std::array<Place, 6> kPlacesEnglish{{{"GB", "England", "London", "GBP"},
                                               {"GB", "Scotland", "Glasgow", "GBP"},
                                               {"US", "California", "San Diego", "USD"},
                                               {"US", "Texas", "Austin", "USD"},
                                               {"DE", "Hessen", "Frankfurt am Main", "EUR"},
                                               {"IE", "Leinster", "Dublin", "EUR"}}};
constexpr std::array<Place, 6> kPlacesChinese{{{"CN", "上海", "上海", "CNY"},
                                               {"CN", "广东", "深圳", "CNY"},
                                               {"CN", "北京", "北京", "CNY"},
                                               {"CN", "浙江", "杭州", "CNY"},
                                               {"CN", "四川", "成都", "CNY"},
                                               {"CN", "湖北", "武汉", "CNY"}}};
constexpr Texts<6> kStreetsEnglish{"Mill Lane",   "Station Road", "High Street",
                                   "Park Avenue", "Church Walk",  "Queen's Drive"};
constexpr Texts<6> kStreetsChinese{"中山路", "人民路",   "解放大道",
                                   "建设街", "南京西路", "科技园路"};
constexpr Texts<8> kSectors{"retail",    "manufacturing", "logistics", "finance",
                            "education", "health",        "energy",    "software"};
constexpr Texts<6> kTalkEnglish{
    "Asked for a demonstration next week.",         "Wants a quote for twenty more seats.",
    "Happy with the delivery, asked about spares.", "Compared our price with a competitor.",
    "Please call back after the holiday.",          "Sent the signed contract."};
constexpr Texts<6> kTalkChinese{
    "希望下周安排产品演示。", "需要二十套的报价单。", "对交货满意，询问备件情况。",
    "正在与其他供应商比价。", "请节后回电。",         "已寄回签字合同。"};
constexpr Texts<5> kTroubleEnglish{"Device does not start", "Invoice shows the wrong address",
                                   "Delivery is late", "How do I reset the password?",
                                   "The report is empty"};
constexpr Texts<5> kTroubleChinese{"设备无法启动", "发票地址错误", "货物未按时送达",
                                   "如何重置密码？", "报表内容为空"};
constexpr Texts<4> kLostReasons{"price", "competitor", "no_budget", "no_answer"};

}  // namespace

std::string person_name(Random& random, Culture culture) {
  if (culture == Culture::chinese)
    return std::string(random.pick(kFamilyChinese)) + std::string(random.pick(kGivenChinese));
  return std::string(random.pick(kGivenEnglish)) + " " + std::string(random.pick(kFamilyEnglish));
}

std::string company_name(Random& random, Culture culture) {
  if (culture == Culture::chinese) {
    return std::string(random.pick(kPlacesChinese).city) +
           std::string(random.pick(kCompanyChinese)) + std::string(random.pick(kSuffixChinese));
  }
  return std::string(random.pick(kCompanyEnglish)) + " " + std::string(random.pick(kSuffixEnglish));
}

std::string email_address(Culture culture, std::uint64_t number) {
  const Text domain = culture == Culture::chinese ? "@cn.example.com" : "@example.org";
  return "person" + std::to_string(number) + std::string(domain);
}

std::string phone_number(Random& random, Culture culture) {
  if (culture == Culture::chinese)
    return "+8613" + std::to_string(random.between(100'000'000, 999'999'999));
  return "+4479" + std::to_string(random.between(10'000'000, 99'999'999));
}

Place place(Random& random, Culture culture) {
  return culture == Culture::chinese ? random.pick(kPlacesChinese) : random.pick(kPlacesEnglish);
}

std::string street(Random& random, Culture culture) {
  const std::string number = std::to_string(random.between(1, 400));
  if (culture == Culture::chinese) return std::string(random.pick(kStreetsChinese)) + number + "号";
  return number + " " + std::string(random.pick(kStreetsEnglish));
}

std::string_view sector(Random& random) { return random.pick(kSectors); }

std::string_view conversation(Random& random, Culture culture) {
  return culture == Culture::chinese ? random.pick(kTalkChinese) : random.pick(kTalkEnglish);
}

std::string_view trouble(Random& random, Culture culture) {
  return culture == Culture::chinese ? random.pick(kTroubleChinese) : random.pick(kTroubleEnglish);
}

std::string_view reply(Culture culture) {
  return culture == Culture::chinese ? "感谢您的来信，我们已经处理。"
                                     : "Thank you for telling us; we have taken care of it.";
}

std::string deal_title(Random& random, Culture culture, std::string_view product) {
  const std::string count = std::to_string(random.between(2, 80));
  if (culture == Culture::chinese) return std::string(product) + "采购 " + count + " 套";
  return count + " × " + std::string(product);
}

std::string_view lost_reason(Random& random) { return random.pick(kLostReasons); }

}  // namespace factum::demo
