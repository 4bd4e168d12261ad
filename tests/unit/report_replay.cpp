// The data of a replay, from small folders written by hand.
#include "core/error.hpp"
#include "core/temporary_folder.hpp"
#include "report/csv_table.hpp"
#include "report/replay.hpp"
#include "report/web_files.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <string>

using namespace lair;
using lair::report::CsvTable;

namespace {

void write(const std::string& folder, const std::string& name, const std::string& text) {
  std::ofstream(folder + "/" + name, std::ios::binary) << text;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

constexpr const char* intervals_header =
    "interval,end_s,arrived,finished,failed,active,queued,requeued,response_mean_s,late,energy_j,cpu_mean,"
    "ram_mean,hosts_on_mean,hosts_faulty,hosts_labelled,faults_started,migrations,migrations_aborted,"
    "actions_refused,decision_s\n";
constexpr const char* hosts_header = "interval,host,lei,broker,cpu,ram,alive,tasks\n";

/// Two hosts in a LEI, three intervals; the second host's name would end the page's script.
void write_run(const std::string& folder) {
  write(folder, "intervals.csv",
        std::string(intervals_header) + "0,300,2,0,0,2,0,0,,0,1,0.25,0.1,2,1,0,1,0,0,0,0\n"
                                        "1,600,1,1,0,2,0,0,250,1,1,0.5,0.1,2,1,2,0,1,0,0,0\n"
                                        "2,900,0,1,0,1,0,0,10,0,1,0.75,0.1,2,0,0,0,0,1,0,0\n");
  write(folder, "hosts.csv",
        std::string(hosts_header) + "0,a,lei1,1,0.1234,0.5,1,1\n0,\"</script><b>\",lei1,0,0.5,0.5,1,1\n"
                                    "1,a,lei1,1,0.9996,0.5,1,1\n1,\"</script><b>\",lei1,0,0,0.5,0.25,1\n"
                                    "2,a,lei1,0,0,0.5,1,1\n2,\"</script><b>\",lei1,1,1,0.5,1,0\n");
  write(folder, "labels.csv",
        "interval,host,faulty,fault_share,fault_kinds,score,threshold,label\n"
        "0,a,1,1,crash ddos,,,\n0,\"</script><b>\",0,0,,0.123456,,0\n"
        "1,a,1,1,crash,2,1,1\n1,\"</script><b>\",0,0,,3,1,1\n"
        "2,a,1,1,crash,0,1,0\n2,\"</script><b>\",0,0,,0,1,0\n");
  write(folder, "faults.csv", "fault,kind,host,lei,outcome,reason,started_s,ended_s,strength,measured,expected\n"
                              "0,crash,a,,applied,,10.04,700,1,1,1\n1,partition,,lei1,masked,host_off,20,30,1,,\n");
  write(folder, "tasks.csv",
        "task,application,lei,host,outcome,arrived_s,ended_s,late\n"
        "0,app,lei1,a,finished,0,600,1\n1,app2,lei1,a,failed,0,601,0\n2,app,lei1,a,active,300,,0\n");
  write(folder, "migrations.csv", "task,from,to,started_s,ended_s,duration_s,bytes,outcome,reason\n"
                                  "0,a,\"</script><b>\",310,350,40,1000,finished,\n"
                                  "1,\"</script><b>\",a,610,,,1000,aborted,target_lost\n");
}

} // namespace

TEST_CASE("CSV files are read as they are written: quotes, half lines, missing columns") {
  const CsvTable table("a,b\n1,\"x, \"\"y\"\"\n\"\r\n,last\nhalf,li", "f.csv");
  REQUIRE(table.rows() == 2);
  CHECK(table.cell(0, table.column("b")) == "x, \"y\"\n");
  CHECK(table.cell(1, 0).empty());
  CHECK(table.number(0, 0) == 1);
  CHECK(std::isnan(table.number(1, 0)));
  CHECK(table.cell(1, 1) == "last");
  CHECK_THROWS_WITH_AS((void)table.column("c"), doctest::Contains("no such column"), InputError);
  CHECK_THROWS_WITH_AS((void)table.number(1, 1), doctest::Contains("'last' is not a number"), InputError);
  CHECK_THROWS_WITH_AS((void)table.count(1, 1), doctest::Contains("'last' is not a count"), InputError);
  CHECK_THROWS_WITH_AS(CsvTable("a,b\n1,2\n3\n", "f.csv"), doctest::Contains("line 3"), InputError);
  CHECK_THROWS_AS(CsvTable("", "f.csv"), InputError);
}

TEST_CASE("A replay's data are the files' numbers, rounded, host by host") {
  const TemporaryFolder folder("replay");
  write_run(folder.path);
  const std::string json = report::replay_json(folder.path);
  CHECK(has(json, "\"intervals\":3,\"of\":3,\"end_s\":[300,600,900]"));
  CHECK(has(json, "\"cpu\":[123,1000,0,500,0,1000]"));       // shares in thousandths, host by host
  CHECK(has(json, "\"ram\":{\"runs\":[500,6]}"));            // the shorter form
  CHECK(has(json, "\"alive\":[1000,1000,1000,1000,250,1000]"));
  CHECK(has(json, "\"broker\":[1,1,0,0,0,1]"));
  CHECK(has(json, "\"codes\":\"153242\""));                  // truth + 2 x (nothing, healthy, faulty)
  CHECK(has(json, "\"score\":[null,2,0,0.1235,3,0]"));
  CHECK(has(json, "\"kind_sets\":[\"\",\"crash ddos\",\"crash\"]"));
  CHECK(has(json, "\"masked\":[0,\"host_off\"]"));
  CHECK(has(json, "\"outcomes\":[\"finished\",\"aborted: target_lost\"]"));
  CHECK(has(json, "\"start_s\":[10,20]"));
  CHECK(has(json, "\"outcome\":[0,1]"));
  // 600 s is the end of interval 1, and an arrival at 300 s its beginning.
  CHECK(has(json, "\"arrived\":[2,1,0],\n\"finished\":[0,1,0],\n\"late\":[0,1,0],\n\"failed\":[0,0,1]"));
  CHECK(has(json, "\"application\":{\"0\":0,\"1\":1}"));
  CHECK(has(json, "\"missing\":[]"));
  CHECK(json == report::replay_json(folder.path));
}

TEST_CASE("Nothing in a file can end the page's script") {
  const TemporaryFolder folder("replay");
  write_run(folder.path);
  CHECK_FALSE(has(report::replay_json(folder.path), "<"));
  CHECK(has(report::replay_json(folder.path), "\\u003c/script>\\u003cb>"));
  const std::string section = report::replay_section(folder.path);
  std::size_t ends = 0;
  for (auto at = section.find("</script"); at != std::string::npos; at = section.find("</script", at + 1)) ++ends;
  CHECK(ends == (report::chart_script().empty() ? 2 : 3));
  CHECK(has(section, "<noscript>"));
}

TEST_CASE("A run that wrote less says which file is missing and which key writes it") {
  const TemporaryFolder folder("replay");
  write_run(folder.path);
  CHECK_FALSE(has(report::replay_section(folder.path), "record.level"));
  for (const char* name : {"hosts.csv", "labels.csv", "tasks.csv", "migrations.csv"})
    std::remove((folder.path + "/" + name).c_str());
  const std::string section = report::replay_section(folder.path);
  CHECK(has(section, "<code>hosts.csv</code> is not in the run's folder"));
  CHECK(has(section, "record.level = \"tasks\""));
  CHECK(has(section, "\"hosts\":[]"));
  CHECK(has(section, "\"cpu_mean\":[250,500,750]")); // what can be shown is
  std::remove((folder.path + "/intervals.csv").c_str());
  CHECK_THROWS_AS(report::replay_json(folder.path), InputError);
}

TEST_CASE("A run too large for a page is shown from its beginning, and the page says how far") {
  const TemporaryFolder folder("replay");
  std::string intervals = intervals_header, hosts = hosts_header;
  for (int i = 0; i < 500; ++i) {
    intervals += std::to_string(i) + "," + std::to_string(300 * (i + 1)) + ",0,0,0,0,0,0,,0,1,0,0,2,0,0,0,0,0,0,0\n";
    for (int host = 0; host < 401; ++host)
      hosts += std::to_string(i) + ",h" + std::to_string(host) + ",lei,0,0.5,0.5,1,1\n";
  }
  write(folder.path, "intervals.csv", intervals);
  write(folder.path, "hosts.csv", hosts);
  CHECK(has(report::replay_json(folder.path), "\"intervals\":399,\"of\":500")); // 160,000 / 401
}

TEST_CASE("The chart library comes with its licence, or not at all") {
  CHECK_FALSE(report::replay_script().empty());
  CHECK_FALSE(report::replay_style().empty());
  CHECK(report::chart_script().empty() == report::chart_licence().empty());
  if (!report::chart_licence().empty()) CHECK(has(std::string(report::chart_licence()), "MIT"));
}
