"""The large engine on tiny random models of every family: tokens, decoding, answers, servers."""

# ruff: noqa: E402 - what needs torch is imported once it is known to be there
from __future__ import annotations

import http.server
import json
import sys
import threading
import types

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch")
for _needed in ("transformers", "accelerate", "peft"):
    pytest.importorskip(_needed)

import vlm_models
from gradewright.core import Grader
from gradewright.core.codec import LutCodec
from gradewright.core.engines.vlm import VlmEngine, answers, loading, local, sampling, serving
from gradewright.core.engines.vlm.batching import encode
from gradewright.core.engines.vlm.card import Card
from gradewright.core.engines.vlm.vocabulary import BEGIN, LUT, TOKENS
from gradewright.core.engines.vlm.wording import Wish
from gradewright.core.errors import BadInput, FileError
from gradewright.core.train.vlm import tiny
from vlm_models import picture

PROMPT = Wish("lut", "instruct", 1, "warm").prompt


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("vlm")


@pytest.fixture(scope="session")
def model(folder):
    return vlm_models.graded_folder(folder)


@pytest.fixture(scope="session")
def loaded(model):
    return loading.load(model)


def batch_of(speaker, count=1):
    return encode(speaker, [PROMPT] * count, [[picture(i, 40 + 30 * (i % 2))] for i in range(count)])


# -- vocabulary and folders, every family


@pytest.mark.parametrize("family", tiny.FAMILIES)
def test_tokens_are_added_once_saved_and_found_again(folder, family):
    net, speaker = vlm_models.extended(folder, family)
    known = len(speaker.tokenizer)
    assert loading.extend(net.core, speaker.tokenizer) == []
    assert len(speaker.tokenizer) == known
    out = vlm_models.graded_folder(folder, family)
    again = loading.load(out)
    assert again.speaker.vocabulary == speaker.vocabulary
    own, read = net.state_dict(), again.net.state_dict()
    assert own.keys() == read.keys()
    assert all(torch.equal(own[name], read[name]) for name in own)
    assert not list(out.glob("*.bin"))
    assert [speaker.text_ids(token) for token in TOKENS] == [
        [speaker.tokenizer.convert_tokens_to_ids(token)] for token in TOKENS
    ]


@pytest.mark.parametrize("family", tiny.FAMILIES)
def test_a_look_is_64_codes_with_the_cache_and_without(folder, family):
    net, speaker = vlm_models.extended(folder, family)
    prompts = [Wish("lut", "transfer", 2).prompt, PROMPT, Wish("lut", "instruct", 0, "cold").prompt]
    batch = encode(speaker, prompts, [[picture(1), picture(2, 80)], [picture(3)], []])
    quick = sampling.draw_looks(net, speaker, batch, 0)
    slow = sampling.draw_looks(net, speaker, batch, 0, use_cache=False)
    assert quick.codes.shape == (3, 64)
    assert len(quick.codes.unique()) > 3
    assert torch.equal(quick.codes, slow.codes)
    torch.testing.assert_close(quick.score, slow.score, atol=1e-4, rtol=1e-4)
    for row in range(3):  # nor does the company in a batch change a look
        alone = encode(speaker, [prompts[row]], [[[picture(1), picture(2, 80)], [picture(3)], []][row]])
        assert torch.equal(sampling.draw_looks(net, speaker, alone, 0).codes[0], quick.codes[row])


@pytest.mark.parametrize("family", tiny.FAMILIES)
def test_scoring_a_look_gives_the_probability_it_was_drawn_with(folder, family):
    net, speaker = vlm_models.extended(folder, family)
    drawn = sampling.draw_looks(net, speaker, batch_of(speaker, 2), 5, temperature=1.0)
    v = speaker.vocabulary
    said = [[v.begin, *(v.lut[code] for code in row)] for row in drawn.codes.tolist()]
    batch = encode(speaker, [PROMPT] * 2, [[picture(0)], [picture(1, 70)]], said)
    batch.labels[batch.labels == v.begin] = -100
    with torch.no_grad():
        found = net(batch.inputs, batch.labels, torch.tensor(v.lut))
    torch.testing.assert_close(found.logp.view(2, 64).mean(1), drawn.score, atol=1e-4, rtol=1e-4)


def test_embeddings_in_reserve_are_used_and_none_is_cut_off(folder):
    vlm, tokenizer, _ = loading.checkpoint(vlm_models.checkpoint(folder, "qwen3_vl"))
    vlm.resize_token_embeddings(700)
    before = vlm.get_input_embeddings().weight[:264].clone()
    loading.extend(vlm, tokenizer)
    assert vlm.get_input_embeddings().weight.shape[0] == 700
    assert torch.equal(vlm.get_input_embeddings().weight[:264], before)


def test_new_tokens_begin_near_the_mean_and_not_equal(folder):
    net, speaker = vlm_models.extended(folder, "qwen3_vl")  # whose input layer was not sharpened
    weight = net.core.get_input_embeddings().weight.detach()
    rows = weight[torch.tensor(speaker.vocabulary.lut)]
    assert len(rows.unique(dim=0)) == 256
    assert float((rows - weight[:256].mean(0)).norm(dim=1).max()) < float(weight[:256].norm(dim=1).mean())


def test_the_vision_tower_is_frozen_and_its_connector_is_not(folder):
    for family in tiny.FAMILIES:
        vlm = loading.checkpoint(vlm_models.checkpoint(folder, family))[0]
        loading.freeze_vision(vlm)
        learning = {name for name, p in vlm.named_parameters() if p.requires_grad}
        assert any("merger" in name or "projector" in name for name in learning)
        assert not any("blocks" in name or "vision_tower" in name for name in learning)
        assert any("language_model" in name for name in learning)


def test_servers_word_chats_as_we_do(folder):
    for family in tiny.FAMILIES:
        net, speaker = vlm_models.extended(folder, family)
        user = {"role": "user", "content": [{"type": "image_url"}, {"type": "text", "text": PROMPT}]}
        speaker.tokenizer.chat_template = loading.chat_template(speaker)
        begun = [user, {"role": "assistant", "content": BEGIN}]
        text = speaker.tokenizer.apply_chat_template(begun, tokenize=False, continue_final_message=True)
        token = loading.image_token(net.config)
        ours = encode(speaker, [PROMPT], [[picture(0)]], [[speaker.vocabulary.begin]]).inputs["input_ids"][0]
        kept = [int(a) for a, b in zip(ours, [*ours[1:], -1], strict=True) if not (a == b == token)]
        assert speaker.text_ids(text) == kept


def test_unusable_checkpoints_are_one_line(folder, tmp_path):
    with pytest.raises(FileError, match="there is no such model folder"):
        loading.checkpoint(tmp_path / "none")
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    with pytest.raises(FileError, match=r"holds no \*.safetensors: other weights may run code"):
        loading.checkpoint(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"junk")
    with pytest.raises(FileError, match="is no usable checkpoint"):
        loading.checkpoint(tmp_path)
    (tmp_path / "config.json").write_text('{"model_type": "mistral"}')
    with pytest.raises(BadInput, match="models of type 'mistral' are not supported: there is qwen2_vl,"):
        loading.checkpoint(tmp_path)


# -- answers


def engine(model):
    return Grader(VlmEngine(model))


def test_a_prompt_becomes_a_look_of_the_codec(model):
    grade = engine(model).grade(picture(3), prompt="warm")
    assert grade.engine == "vlm"
    assert grade.report.critique == ()
    assert grade.report.plan[0].startswith("the model wrote 64 LUT tokens, mean log probability -")
    found = VlmEngine(model).candidates(request(photo=picture(3), prompt="warm"))
    codec = LutCodec.load()
    assert found[0].lut == codec.decode(codec.encode(found[0].lut)).titled("warm") or found[0].lut.size == 33


def request(**wishes):
    from gradewright.core.request import Request

    return Request(**wishes)


def test_the_same_seed_gives_the_same_looks_and_another_one_others(model):
    asked = VlmEngine(model)
    first, second = (asked.candidates(request(photo=picture(3), prompt="warm", count=3)) for _ in range(2))
    assert [one.lut for one in first] == [one.lut for one in second]
    assert len({one.lut.table.tobytes() for one in first}) == 3
    other = asked.candidates(request(photo=picture(3), prompt="warm", seed=4))
    assert other[0].lut != first[0].lut
    state = torch.get_rng_state()
    asked.candidates(request(photo=picture(3), prompt="warm", seed=4))
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize(
    "wishes",
    [{"reference": picture(5)}, {"prompt": "cold"}, {"photo": picture(3), "reference": picture(5)}],
    ids=["reference alone", "prompt alone", "both pictures"],
)
def test_other_requests_for_lut_tokens(model, wishes):
    assert VlmEngine(model).candidates(request(**wishes))[0].lut.size == 33


def test_a_retouch_has_reasoning_and_latents(model, monkeypatch):
    text = "Measured: dark. Seen: far too dark. Plan: brighter."
    own = local.draw_texts
    monkeypatch.setattr(local, "draw_texts", lambda net, speaker, *_a, **_k: [speaker.text_ids(text)])
    grade = engine(model).grade(picture(3), auto=True)
    assert grade.report.critique == ("dark.", "far too dark.")
    assert grade.report.plan == ("brighter.",)
    assert grade.warnings == ()
    assert np.abs(grade.lut.table - grade.lut.identity(33).table).max() > 0.01
    monkeypatch.setattr(local, "draw_texts", own)
    odd = VlmEngine(model).candidates(request(photo=picture(3), auto=True))[0]  # a random model raves
    assert any("the model's reasoning is malformed" in line for line in odd.warnings)


def test_explicit_settings_are_the_param_task(model, monkeypatch):
    seen = []
    monkeypatch.setattr(local, "draw_texts", lambda *a, **_k: [[]])
    real = local.encode
    monkeypatch.setattr(local, "encode", lambda s, p, *rest: seen.extend(p) or real(s, p, *rest))
    VlmEngine(model).candidates(request(photo=picture(3), params={"ev": "+0.3", "contrast": -20}))
    assert seen[0].startswith("<|task_param|>Set exposure +0.3, contrast -20.")


class Talker:
    """Gives prepared texts."""

    def __init__(self, *texts):
        self.texts, self.prompts = list(texts), []

    def text(self, prompt, pictures, seed, temperature):
        self.prompts.append(prompt)
        return self.texts.pop(0)


def operate(*texts):
    talker = Talker(*texts)
    asked = answers.Asked(talker, Card(56, 0, {"prompt": "operations"}))
    return asked.candidates(request(photo=picture(3), prompt="brighter")), talker


def test_operations_become_an_editable_recipe():
    [found], _ = operate('It is dark. {"exposure": 0.5}')
    assert found.recipe.exposure == 0.5
    assert found.seen == ("It is dark.",)
    assert found.lut.table.mean() > 0.5
    assert found.warnings == ()


def test_malformed_operations_are_repaired_once_then_refused():
    [found], talker = operate("{exposure=+0.5}")
    assert found.warnings == ("the model's JSON was malformed and has been mended",)
    [found], talker = operate('{"exposure": 99}', '{"exposure": 0.5}')
    assert "could not be used (exposure 99 is out of range: -3..3 EV)" in found.warnings[0]
    assert "exposure 99 is out of range" in talker.prompts[1]
    with pytest.raises(BadInput, match=r"the model gave no usable operations, twice .*no parameter 'glow'"):
        operate("nothing", '{"glow": 2}')


@pytest.mark.parametrize(
    ("wishes", "message"),
    [
        ({"prompt": "warm", "reference": picture(5)}, "takes a prompt or a reference, not both"),
        ({"auto": True}, "this model looks at the photo to answer: give one"),
        ({"params": {"exposure": 0.3}}, "this model looks at the photo to answer: give one"),
        ({"reference": np.zeros((40, 40, 3), np.float32)}, "the reference is one flat colour"),
        ({"prompt": "warm", "photo": np.full((40, 40, 3), np.nan, np.float32)}, "not finite"),
        ({"params": {"exposure": 9}, "photo": picture(1)}, "exposure 9 is out of range"),
        ({"pair": (picture(1), picture(2))}, "needs a prompt, a reference, --auto, or parameters"),
    ],
)
def test_what_it_cannot_answer_is_one_line(model, wishes, message):
    with pytest.raises(BadInput, match=message):
        VlmEngine(model).candidates(request(**wishes))


def test_a_model_says_what_it_was_not_trained_for():
    asked = answers.Asked(Talker(), Card(56, 0, {"prompt": "lut"}))
    with pytest.raises(BadInput, match="this model was not trained for auto: it answers prompt"):
        asked.candidates(request(photo=picture(1), auto=True))


def test_without_model_or_extra_it_says_what_to_do(model, monkeypatch):
    with pytest.raises(BadInput, match="engine 'vlm' needs a model: add --model DIR"):
        Grader("vlm").grade(prompt="warm")
    with pytest.raises(BadInput, match="an endpoint needs the model's folder too"):
        VlmEngine(endpoint="http://localhost:1/v1")
    monkeypatch.setattr(answers, "find_spec", lambda name: None if name == "transformers" else object())
    with pytest.raises(BadInput, match=r"engine 'vlm' needs transformers: pip install 'gradewright\[vlm\]'"):
        engine(model).grade(prompt="warm")


def test_it_is_only_asked_by_name():
    assert Grader().grade(prompt="warm").engine == "compact"
    with pytest.raises(BadInput, match="no installed engine works from auto and reference together"):
        Grader().grade(picture(1), reference=picture(2), auto=True)


# -- the command line


def test_the_command_takes_a_model(cli, model, tmp_path):
    Image.fromarray((picture(3) * 255).astype("uint8")).save(tmp_path / "a.png")
    base = ["grade", "a.png", "--prompt", "warm", "-o", "look.cube"]
    cli.ok(*base, "--engine", "vlm", "--model", str(model), "--report", "r.json")
    assert json.loads((tmp_path / "r.json").read_text())["engine"] == "vlm"
    cli.ok(*base, "--force", "--model", str(model))
    assert "needs a model: add --model DIR" in cli.refused(*base, "--force", "--engine", "vlm")
    message = "engine 'compact' takes no --model or --endpoint: they are for --engine vlm"
    assert cli.refused(*base, "--force", "--engine", "compact", "--model", str(model)) == message
    assert "there is no such model folder" in cli.refused(*base, "--force", "--model", "none")


# -- servers


class Double(http.server.BaseHTTPRequestHandler):
    """Speaks vLLM's dialect, strictly: what it does not know it refuses."""

    seen = ()  # a list while a test runs
    reply = "".join(f"<|lut_{code}|>" for code in range(64))
    status = 200

    def log_message(self, *_args):
        pass

    def do_GET(self):
        self.answer({"object": "list", "data": [{"id": "served-model"}]})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.seen.append((self.path, body, self.headers.get("Authorization")))
        rows = [{"token": "x", "logprob": -0.5}] * 64
        self.answer({"choices": [{"message": {"content": self.reply}, "logprobs": {"content": rows}}]})

    def answer(self, found):
        data = json.dumps(found).encode()
        self.send_response(self.status)
        self.send_header("Location", "http://192.0.2.1/v1")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(Double, "seen", [])
    made = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Double)
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{made.server_port}/v1"
    made.shutdown()
    thread.join()
    made.server_close()


def test_a_server_is_asked_for_64_of_the_256_tokens(model, server, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://192.0.2.1:9")
    monkeypatch.setenv(serving.KEY, "secret")
    found = VlmEngine(model, server).candidates(request(photo=picture(3), prompt="warm", seed=2))
    assert np.array_equal(found[0].lut.table, LutCodec.load().decode(list(range(64))).table)
    assert found[0].score == -0.5
    [(path, body, key)] = Double.seen
    assert (path, key, body["model"]) == ("/v1/chat/completions", "Bearer secret", "served-model")
    ids = loading.load(model).speaker.vocabulary.lut
    assert body["allowed_token_ids"] == list(ids)
    assert (body["min_tokens"], body["max_tokens"], body["ignore_eos"]) == (64, 64, True)
    assert body["messages"][1] == {"role": "assistant", "content": "<|lut_begin|>"}
    assert body["messages"][0]["content"][0]["image_url"]["url"].startswith("data:image/png;base64,")
    assert body["messages"][0]["content"][1]["text"] == PROMPT


@pytest.mark.parametrize("reply", ["", "<|lut_1|>" * 63, "<|lut_999|>" * 64, "sure! " + "<|lut_1|>" * 64])
def test_a_server_that_says_anything_else_is_refused(model, server, monkeypatch, reply):
    monkeypatch.setattr(Double, "reply", reply)
    with pytest.raises(BadInput, match=r"LUT tokens, not 64: is it the --model folder\?"):
        VlmEngine(model, server).candidates(request(prompt="warm"))


def test_redirects_and_faults_of_a_server_are_one_line(model, server, monkeypatch):
    for status in (302, 404, 500):
        monkeypatch.setattr(Double, "status", status)
        with pytest.raises(BadInput, match=f"{status} "):
            VlmEngine(model, server).candidates(request(prompt="warm"))
    with pytest.raises(BadInput, match="retouch latents need the model's hidden states"):
        VlmEngine(model, server).candidates(request(photo=picture(1), auto=True))
    with pytest.raises(BadInput, match=r"no answer .*is the server running"):
        VlmEngine(model, "http://127.0.0.1:9/v1").candidates(request(prompt="warm"))
    with pytest.raises(BadInput, match=r"no answer .*is the server running"):
        VlmEngine(model, "unix:/nowhere/vllm.sock").candidates(request(prompt="warm"))


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("http://192.0.2.7:8000/v1", "is another machine, and your photo would be sent there: add"),
        ("https://example.com/v1", "is another machine"),
        ("http://localhost.example.com/v1", "is another machine"),
        ("ftp://localhost/v1", "write http://localhost:8000/v1, unix:/path/to.sock or vllm"),
        ("localhost:8000", "write http://localhost:8000/v1"),
        ("http://localhost:99999/v1", "write http://localhost:8000/v1"),
        ("unix:", "write http://localhost:8000/v1"),
    ],
)
def test_a_photo_is_only_sent_where_it_may_go(model, address, message):
    with pytest.raises(BadInput, match=message):
        VlmEngine(model, address).candidates(request(prompt="warm"))


@pytest.mark.parametrize("address", ["http://localhost:1/v1", "http://127.8.9.1:1/v1", "http://[::1]:1/v1"])
def test_this_machine_has_several_names(address):
    assert serving.Endpoint(address)  # it refuses what is not this machine


def test_another_machine_can_be_allowed():
    assert serving.Endpoint("https://example.com/v1", allow_remote=True)


def test_vllm_in_this_process(model, monkeypatch):
    asked = []

    class Llm:
        def __init__(self, **how):
            assert how["trust_remote_code"] is False

        def chat(self, messages, sampling_params, use_tqdm, **how):
            asked.append((messages, sampling_params, how))
            said = types.SimpleNamespace(text="".join(LUT[:64]), token_ids=[1] * 64, cumulative_logprob=-64.0)
            return [types.SimpleNamespace(outputs=[said])]

    double = types.ModuleType("vllm")
    double.LLM, double.SamplingParams = Llm, lambda **how: how
    double.__spec__ = types.SimpleNamespace(name="vllm")
    with pytest.raises(BadInput, match="--endpoint vllm needs vLLM: pip install vllm"):
        VlmEngine(model, "vllm").candidates(request(prompt="warm"))
    monkeypatch.setitem(sys.modules, "vllm", double)
    [found] = VlmEngine(model, "vllm").candidates(request(prompt="warm"))
    assert found.score == -1.0
    assert asked[0][2] == {"continue_final_message": True, "add_generation_prompt": False}
    assert asked[0][1]["min_tokens"] == asked[0][1]["max_tokens"] == 64


def test_families_that_servers_see_otherwise_are_refused(folder):
    made = vlm_models.graded_folder(folder, "llava_onevision")
    with pytest.raises(FileError, match="servers show this family closer views"):
        VlmEngine(made, "http://localhost:1/v1").candidates(request(prompt="warm"))
