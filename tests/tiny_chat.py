"""A Llama of two small layers with a chat template, in a Hugging Face folder: it can learn an answer in seconds."""

from collections.abc import Sequence
from pathlib import Path

TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def save_tiny_chat(
    folder: Path, *, text: str, lessons: Sequence[tuple[str, str]] = (), template: str | None = TEMPLATE
) -> Path:
    """Save it with one token for each character of ``text``; it learns the answers to the prompts of ``lessons``."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    tokens = ["[PAD]", "[UNK]", "<|im_start|>", "<|im_end|>", *sorted(set(text + "usersystemassistant\n"))]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    made = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    made.decoder = decoders.Fuse()
    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "bos_token": "<|im_start|>", "eos_token": "<|im_end|>"}
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=made, chat_template=template, **names)
    tokenizer.save_pretrained(folder)
    config = LlamaConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        bos_token_id=2,
        eos_token_id=3,
        pad_token_id=0,
    )
    with torch.random.fork_rng():
        torch.manual_seed(1)
        model = LlamaForCausalLM(config)
        _teach(model, tokenizer, lessons)
        model.save_pretrained(folder)
    return folder


def _teach(model, tokenizer, lessons):
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # so little work for each that threads only wait for one another
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for _ in range(40 if lessons else 0):
        for question, answer in lessons:
            chat = [{"role": "user", "content": question}]
            asked = tokenizer.apply_chat_template(chat, add_generation_prompt=True, return_dict=True)["input_ids"]
            told = tokenizer(answer + "<|im_end|>")["input_ids"]
            labels = torch.tensor([[-100] * len(asked) + told])
            model(input_ids=torch.tensor([asked + told]), labels=labels).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    torch.set_num_threads(threads)
